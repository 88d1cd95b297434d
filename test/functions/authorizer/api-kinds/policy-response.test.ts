import { describe, expect, test } from "vitest";
import { policyResponse } from "../../../../functions/authorizer/api-kinds/policy-response.ts";
import { UnauthorizedError, UnavailableError } from "../../../../functions/authorizer/api-kinds/refusal-error.ts";
import { compilePolicy, denyAll } from "../../../../shared/domain/policy/compile.ts";
import { MAX_RESULT_LENGTH } from "../../../../shared/domain/policy/document.ts";
import { callerOf, NOW, requestFor } from "../../../fixtures.ts";

const policy = denyAll(requestFor("GET", "/a").resource);
const allowed = (overrides: Parameters<typeof callerOf>[0] = {}) =>
  policyResponse({ outcome: "allow", caller: callerOf(overrides), grants: [], policy });

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("an allowed caller", () => {
  test("has issuer and subject as principalId, and its facts in the context", () => {
    expect(allowed({ attributes: { email: "a@example.com", vip: true } })).toEqual({
      principalId: "https://id.example.com|alice",
      policyDocument: policy,
      context: expect.objectContaining({ subject: "alice", tenant: "acme", email: "a@example.com", vip: true }),
    });
  });

  test("has no reason", () => {
    expect(allowed().context).not.toHaveProperty("reason");
  });

  test("has the usage plan's key outside the context", () => {
    const result = allowed({ usageIdentifierKey: "k".repeat(20) });
    expect(result.usageIdentifierKey).toBe("k".repeat(20));
    expect(JSON.stringify(result?.context)).not.toContain("kkk");
  });

  test("has only text, numbers and booleans in the context, because API Gateway refuses all else", () => {
    const { context } = allowed({ scopes: ["a", "b"], roles: ["c"], attributes: { n: 1, b: false, t: "x" } });
    for (const value of Object.values(context ?? {})) expect(["string", "number", "boolean"]).toContain(typeof value);
  });
});

describe("an answer that is none", () => {
  test("is the error Unauthorized for an unknown caller: API Gateway answers 401", () => {
    expect(() => policyResponse({ outcome: "unauthenticated", reason: "token_expired" })).toThrow(
      new UnauthorizedError(),
    );
    expect(new UnauthorizedError()).toMatchObject({ name: "UnauthorizedError", message: "Unauthorized" });
  });

  test("is another error where nothing was decided: API Gateway answers 500", () => {
    expect(new UnavailableError()).toMatchObject({ name: "UnavailableError", message: "unavailable" });
  });

  test("is trouble where a decision has no policy", () => {
    expect(() => policyResponse({ outcome: "allow", caller: callerOf(), grants: [] })).toThrow("internal_error");
  });
});

describe("a denied caller", () => {
  test("gets the reason in the context", () => {
    const caller = callerOf();
    const result = policyResponse({ outcome: "deny", reason: "route_not_granted", caller, grants: [], policy });
    expect(result?.context).toMatchObject({ subject: "alice", reason: "route_not_granted" });
  });

  test("with conflicting principals gets the reason and no facts of a caller", () => {
    const result = policyResponse({ outcome: "deny", reason: "tenant_mismatch", grants: [], policy });
    expect(result).toEqual({
      principalId: "unresolved",
      policyDocument: policy,
      context: { reason: "tenant_mismatch" },
    });
  });
});

describe("API Gateway's limit of 8 KB", () => {
  const room = MAX_RESULT_LENGTH - bytesOf(allowed({ attributes: { filler: "" } }));

  test("accepts a result of exactly 8 KB", () => {
    expect(bytesOf(allowed({ attributes: { filler: "x".repeat(room) } }))).toBe(MAX_RESULT_LENGTH);
  });

  test("throws policy_too_large for one byte more, and never shortens a policy", () => {
    expect(() => allowed({ attributes: { filler: "x".repeat(room + 1) } })).toThrow("policy_too_large");
  });

  test.each<[string, (length: number) => Parameters<typeof callerOf>[0]]>([
    ["a long subject, which is there twice", (length) => ({ subject: "x".repeat(length / 2) })],
    ["a long usage key", (length) => ({ usageIdentifierKey: "x".repeat(length) })],
    ["a usage key of what JSON escapes", (length) => ({ usageIdentifierKey: "\u0001".repeat(length / 6) })],
    ["one long attribute", (length) => ({ attributes: { filler: "x".repeat(length) } })],
    [
      "many short attributes",
      (length) => ({ attributes: Object.fromEntries(Array.from({ length: length / 10 }, (_, n) => [`a${n}`, 1])) }),
    ],
  ])("holds for %s beside a policy whose length is only estimated", (_, overrides) => {
    const grants = [{ rule: "r", effect: "allow" as const, routes: [{ method: "GET", path: "/a" }] }];
    const estimated = compilePolicy(requestFor("GET", "/a"), grants, { end: NOW + 60, explicitDeny: true });
    const answer = (length: number) =>
      policyResponse({ outcome: "allow", caller: callerOf(overrides(length)), grants: [], policy: estimated });
    const lengths = Array.from({ length: 24 }, (_each, index) => 3000 + index * 300);
    const outcomes = lengths.map((length) => {
      try {
        return bytesOf(answer(length)) <= MAX_RESULT_LENGTH ? "small" : "too long";
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(new Set(outcomes)).toEqual(new Set(["small", "policy_too_large"]));
  });

  test("counts the encoded length of values", () => {
    expect(() => allowed({ attributes: { filler: "é".repeat(room / 2) } })).toThrow("policy_too_large");
  });
});
