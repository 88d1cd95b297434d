import { describe, expect, test } from "vitest";
import { policyResponse } from "../../../../functions/authorizer/api-kinds/policy-response.ts";
import { denyAll } from "../../../../shared/domain/policy/compile.ts";
import { MAX_RESULT_LENGTH } from "../../../../shared/domain/policy/document.ts";
import { callerOf, requestFor } from "../../../fixtures.ts";

const policy = denyAll(requestFor("GET", "/a").resource);
const allowed = (overrides: Parameters<typeof callerOf>[0] = {}) =>
  policyResponse({ outcome: "allow", caller: callerOf(overrides), grants: [], policy });

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("an allowed caller", () => {
  test("is named by issuer and subject, and described in the context", () => {
    expect(allowed({ attributes: { email: "a@example.com", vip: true } })).toEqual({
      principalId: "https://id.example.com|alice",
      policyDocument: policy,
      context: expect.objectContaining({ subject: "alice", tenant: "acme", email: "a@example.com", vip: true }),
    });
  });

  test("has a usage plan's key beside the context, and not in it", () => {
    const result = allowed({ usageIdentifierKey: "k".repeat(20) });
    expect(result.usageIdentifierKey).toBe("k".repeat(20));
    expect(JSON.stringify(result?.context)).not.toContain("kkk");
  });

  test("is described in nothing but text, numbers and booleans: API Gateway refuses all else", () => {
    const { context } = allowed({ scopes: ["a", "b"], roles: ["c"], attributes: { n: 1, b: false, t: "x" } });
    for (const value of Object.values(context ?? {})) expect(["string", "number", "boolean"]).toContain(typeof value);
  });
});

describe("a denied caller", () => {
  test("gets the reason in the context", () => {
    const caller = callerOf();
    const result = policyResponse({ outcome: "deny", reason: "route_not_granted", caller, grants: [], policy });
    expect(result?.context).toMatchObject({ subject: "alice", reason: "route_not_granted" });
  });

  test("without one identity gets the reason and nothing of anybody", () => {
    const result = policyResponse({ outcome: "deny", reason: "tenant_mismatch", grants: [], policy });
    expect(result).toEqual({
      principalId: "unresolved",
      policyDocument: policy,
      context: { reason: "tenant_mismatch" },
    });
  });
});

describe("API Gateway takes 8 KB", () => {
  const room = MAX_RESULT_LENGTH - bytesOf(allowed({ attributes: { filler: "" } }));

  test("a result of exactly that much passes", () => {
    expect(bytesOf(allowed({ attributes: { filler: "x".repeat(room) } }))).toBe(MAX_RESULT_LENGTH);
  });

  test("one byte more is trouble: never a policy cut short", () => {
    expect(() => allowed({ attributes: { filler: "x".repeat(room + 1) } })).toThrow("policy_too_large");
  });

  test("what a value becomes when it is encoded counts, not what it was", () => {
    expect(() => allowed({ attributes: { filler: "é".repeat(room / 2) } })).toThrow("policy_too_large");
  });
});
