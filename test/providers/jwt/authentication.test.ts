import { describe, expect, test } from "vitest";
import { authenticationOf } from "../../../providers/jwt/authentication.ts";
import { NOW } from "../../fixtures.ts";

describe("how a person signed in", () => {
  test("is what acr, amr and auth_time say", () => {
    const claims = { acr: "urn:example:mfa", amr: ["pwd", "otp"], auth_time: NOW - 60, iat: NOW };
    expect(authenticationOf(claims)).toEqual({
      contextClass: "urn:example:mfa",
      methods: ["pwd", "otp"],
      time: NOW - 60,
    });
  });

  test("is nothing if the token says nothing", () => {
    expect(authenticationOf({ sub: "alice", iat: NOW })).toBeUndefined();
  });

  test("is never later than the token's issue: a time in the future prolongs nothing", () => {
    expect(authenticationOf({ auth_time: NOW + 9999, iat: NOW })).toEqual({ time: NOW });
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
    expect(authenticationOf(claims)).toBeUndefined();
  });
});
