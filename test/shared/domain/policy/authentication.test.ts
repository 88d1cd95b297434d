import { describe, expect, test } from "vitest";
import { authenticationEnd, isAuthenticated, isDeniedFor } from "../../../../shared/domain/policy/authentication.ts";
import type { Authentication, Principal } from "../../../../shared/domain/principal/principal.ts";
import { NOW } from "../../../fixtures.ts";

const principal = (authentication?: Authentication, kind: Principal["kind"] = "user"): Principal => ({
  ...{ provider: "jwt", subject: "alice", kind, issuer: "https://id.example.com" },
  ...{ scopes: [], roles: [], attributes: {} },
  ...(authentication && { authentication }),
});

const HIGH = { contexts: ["high"] };
const MFA = { methods: { anyOf: ["mfa"] } };

describe("an allowing rule that asks how the caller signed in", () => {
  test.each([
    ["the context", HIGH, { contextClass: "high" }],
    ["a method", MFA, { methods: ["pwd", "mfa"] }],
    ["a time", { maxAge: 60 }, { time: NOW }],
  ])("is met by a credential that states %s", (_what, asked, stated) => {
    expect(isAuthenticated(principal(stated), asked)).toBe(true);
  });

  test.each<[string, object, Authentication | undefined]>([
    ["nothing", HIGH, undefined],
    ["another context", HIGH, { contextClass: "low" }],
    ["other methods", MFA, { methods: ["pwd"] }],
    ["not all methods", { methods: { allOf: ["pwd", "mfa"] } }, { methods: ["pwd"] }],
    ["no time", { maxAge: 60 }, { contextClass: "high" }],
    ["the context without the method", { ...HIGH, ...MFA }, { contextClass: "high" }],
  ])("is not met by a credential that states %s", (_what, asked, stated) => {
    expect(isAuthenticated(principal(stated), asked)).toBe(false);
  });

  test("ends a second after the sign-in has the greatest age, by the latest of those that meet it", () => {
    const party = [principal({ time: NOW - 50, methods: ["mfa"] }), principal({ time: NOW, methods: ["pwd"] })];
    expect(authenticationEnd({ authentication: { ...MFA, maxAge: 60 } }, party)).toBe(NOW + 11);
    expect(authenticationEnd({ authentication: { maxAge: 60 } }, party)).toBe(NOW + 61);
    expect(authenticationEnd({ authentication: { maxAge: 60 } }, [principal({ time: NOW - 0.5 })])).toBe(NOW + 60);
    expect(authenticationEnd({ authentication: MFA }, party)).toBeUndefined();
  });
});

describe("a denying rule that asks how the caller signed in", () => {
  test.each<[string, Principal, object]>([
    ["a person in this context", principal({ contextClass: "high" }), HIGH],
    ["a person whose credential does not say the context", principal({ methods: ["pwd"] }), HIGH],
    ["a person whose credential says nothing", principal(), MFA],
    ["a person whose credential states an empty list of methods", principal({ methods: [] }), MFA],
    ["somebody of unknown kind whose credential states an empty list", principal({ methods: [] }, "unknown"), MFA],
    ["somebody of unknown kind whose credential says nothing", principal(undefined, "unknown"), HIGH],
    ["a client that states the context", principal({ contextClass: "high" }, "client"), HIGH],
  ])("is for %s", (_what, caller, asked) => {
    expect(isDeniedFor([caller], asked)).toBe(true);
  });

  test.each<[string, Principal, object]>([
    ["a person in another context", principal({ contextClass: "low" }), HIGH],
    ["a person with other methods", principal({ methods: ["pwd"] }), MFA],
    ["a client that states nothing: it does not sign in", principal(undefined, "client"), HIGH],
    ["a client that states an empty list of methods", principal({ methods: [] }, "client"), MFA],
  ])("is not for %s", (_what, caller, asked) => {
    expect(isDeniedFor([caller], asked)).toBe(false);
  });

  test("is for principals that meet its parts between them", () => {
    const both = [
      principal({ contextClass: "high", methods: ["pwd"] }),
      principal({ contextClass: "low", methods: ["mfa"] }),
    ];
    expect(isDeniedFor(both, { ...HIGH, ...MFA })).toBe(true);
  });
});
