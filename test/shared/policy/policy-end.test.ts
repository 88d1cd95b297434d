import { expect, test } from "vitest";
import { policyEnd } from "../../../shared/policy/policy-end.ts";
import { NOW } from "../../fixtures.ts";

test.each<[string, number | undefined, number, number | undefined, number]>([
  ["with its first credential", 600, 3600, undefined, 600],
  ["after maxLifetime, where no credential has an end", undefined, 900, undefined, 900],
  ["with its credential, whatever maxLifetime says", 1800, 900, undefined, 1800],
  ["an hour after the decision, where nobody says how long the cache keeps it", 86_400, 86_400, undefined, 3600],
  ["a minute after the cache has forgotten it", 86_400, 3600, 300, 360],
  ["a minute after the decision, where there is no cache", 86_400, 3600, 0, 60],
  ["after the cache's hour, so that the last request from the cache is not refused", 86_400, 86_400, 3600, 3660],
])("a policy ends %s", (_, expiresIn, maxLifetime, ttl, expected) => {
  const caller = expiresIn === undefined ? {} : { expiresAt: NOW + expiresIn };
  expect(policyEnd(caller, NOW, { maxLifetime }, ttl)).toBe(NOW + expected);
});
