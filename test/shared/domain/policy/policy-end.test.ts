import { expect, test } from "vitest";
import { policyEnd } from "../../../../shared/domain/policy/policy-end.ts";
import { client, NOW, user } from "../../../fixtures.ts";

const DAY = 86_400;
const UNKNOWN = {};

test.each<[string, (number | undefined)[], number, { ttl?: number } | undefined, number]>([
  ["with its first credential", [600, 900], 3600, UNKNOWN, 600],
  ["after maxLifetime, where a credential has no end", [undefined], 900, UNKNOWN, 900],
  ["after maxLifetime, where one of two credentials has no end", [1800, undefined], 900, UNKNOWN, 900],
  ["with its credential, whatever maxLifetime says", [1800], 900, UNKNOWN, 1800],
  ["after an hour, where nobody says how long the cache keeps it", [DAY], DAY, UNKNOWN, 3600],
  ["a minute after the cache has forgotten it", [DAY], 3600, { ttl: 300 }, 360],
  ["a minute after the decision, where there is no cache", [DAY], 3600, undefined, 60],
  ["a minute after the longest cache, whose last request is not refused", [DAY], DAY, { ttl: 3600 }, 3660],
])("a policy ends %s", (_, expiresIn, maxLifetime, cache, expected) => {
  const principals = expiresIn.map((seconds, index) => {
    const { expiresAt: _, ...endless } = index === 0 ? user() : client();
    return seconds === undefined ? endless : { ...endless, expiresAt: NOW + seconds };
  });
  expect(policyEnd({ principals }, { time: NOW, cache }, { maxLifetime })).toBe(NOW + expected);
});
