import { describe, expect, test } from "vitest";
import { authenticationOf } from "../../../providers/jwt/authentication.ts";
import { NOW } from "../../fixtures.ts";

const TOLERANCE = 5;

describe("how a person signed in", () => {
  test("is what acr, amr and auth_time say", () => {
    const claims = { acr: "urn:example:mfa", amr: ["pwd", "otp"], auth_time: NOW - 60, iat: NOW };
    expect(authenticationOf(claims, TOLERANCE)).toEqual({
      contextClass: "urn:example:mfa",
      methods: ["pwd", "otp"],
      time: NOW - 60,
    });
  });

  test("is nothing if the token says nothing", () => {
    expect(authenticationOf({ sub: "alice", iat: NOW }, TOLERANCE)).toBeUndefined();
  });

  test("is never later than the token's issue: a clock that is ahead prolongs nothing", () => {
    expect(authenticationOf({ auth_time: NOW + TOLERANCE, iat: NOW }, TOLERANCE)).toEqual({ time: NOW });
  });

  test("is not known from a time later than the token's issue", () => {
    expect(authenticationOf({ auth_time: NOW + TOLERANCE + 1, iat: NOW }, TOLERANCE)).toBeUndefined();
    expect(authenticationOf({ auth_time: (NOW - 4000) * 1000, iat: NOW }, TOLERANCE)).toBeUndefined();
  });

  test.each([
    ["an acr that is a number", { acr: 1 }],
    ["an acr without text", { acr: "" }],
    ["an amr that is a text", { amr: "mfa" }],
    ["an amr with a number in it", { amr: ["mfa", 1] }],
    ["an empty amr", { amr: [] }],
    ["a long amr", { amr: Array(33).fill("mfa") }],
    ["a time that is a text", { auth_time: "1" }],
    ["a time that is null", { auth_time: null }],
  ])("is not understood from %s", (_what, claims) => {
    expect(authenticationOf(claims, TOLERANCE)).toBeUndefined();
  });
});
