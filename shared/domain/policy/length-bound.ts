import type { PolicyDocument } from "./document.ts";

/**
 * Policies whose texts JSON writes as they are, but for a backslash: made of the configuration's patterns and of
 * plain path segments.
 */
const plain = new WeakSet<PolicyDocument>();

/**
 * Bytes of a statement beside its resources, addresses and endpoints, at most: names, two instants, and what JSON puts around
 * them.
 */
const STATEMENT = 420;

/** Says of a policy that nothing in it was written by a caller. */
export function markPlain(policy: PolicyDocument): PolicyDocument {
  plain.add(policy);
  return policy;
}

/**
 * Bytes that a policy has as JSON at most, without writing it. To learn exactly how long a result is costs as much as
 * to make it, and most are far from the limit.
 *
 * @returns infinity where only writing it can tell
 */
export function lengthBound(policy: PolicyDocument): number {
  if (!plain.has(policy)) return Number.POSITIVE_INFINITY;
  let length = 64;
  for (const { Resource = [], NotResource = [], Condition = {} } of policy.Statement) {
    length += STATEMENT;
    // Two quotes, a comma and a backslash that is doubled.
    for (const resource of Resource) length += resource.length + 4;
    for (const resource of NotResource) length += resource.length + 4;
    for (const values of Object.values(Condition)) {
      for (const value of Object.values(values)) {
        if (typeof value === "string") continue;
        for (const address of value) length += address.length + 3;
      }
    }
  }
  return length;
}
