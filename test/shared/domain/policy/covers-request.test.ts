import { expect, test } from "vitest";
import { refusalOf } from "../../../../shared/domain/policy/covers-request.ts";
import type { Grant } from "../../../../shared/domain/policy/grant.ts";
import { NOW, requestFor } from "../../../fixtures.ts";

const grant = (overrides: Partial<Grant> = {}): Grant => ({
  rule: "rule",
  effect: "allow",
  routes: [{ method: "GET", path: "/a" }],
  ...overrides,
});
const HERE = ["203.0.113.0/24"];
const ELSEWHERE = ["198.51.100.0/24"];
const OPEN = [{ start: NOW - 1, end: NOW + 1 }];
const CLOSED = [{ start: NOW + 1, end: NOW + 2 }];

test.each<[string, Grant[], readonly string[] | undefined, string | undefined]>([
  ["a grant for the route", [grant()], undefined, undefined],
  ["one for a whole folder", [grant({ routes: [{ method: "GET", path: "/*" }] })], undefined, undefined],
  ["no grant", [], undefined, "route_not_granted"],
  ["one for another path", [grant({ routes: [{ method: "GET", path: "/b" }] })], undefined, "route_not_granted"],
  ["one for another method", [grant({ routes: [{ method: "PUT", path: "/a" }] })], undefined, "route_not_granted"],
  ["one whose window is open", [grant({ intervals: OPEN })], undefined, undefined],
  ["one whose window is closed", [grant({ intervals: CLOSED })], undefined, "route_not_granted"],
  ["one that has no window left", [grant({ intervals: [] })], undefined, "route_not_granted"],
  ["one for these addresses", [grant({ addresses: HERE })], undefined, undefined],
  ["one for other addresses", [grant({ addresses: ELSEWHERE })], undefined, "address_not_allowed"],
  ["one for other addresses beside one for all", [grant({ addresses: ELSEWHERE }), grant()], undefined, undefined],
  ["a denial", [grant(), grant({ effect: "deny" })], undefined, "route_denied"],
  ["a denial alone", [grant({ effect: "deny" })], undefined, "route_denied"],
  ["a denial for other addresses", [grant(), grant({ effect: "deny", addresses: ELSEWHERE })], undefined, undefined],
  [
    "a denial for other addresses alone",
    [grant({ effect: "deny", addresses: ELSEWHERE })],
    undefined,
    "route_not_granted",
  ],
  ["a denial whose window is closed", [grant(), grant({ effect: "deny", intervals: CLOSED })], undefined, undefined],
  ["addresses that hold the caller's", [grant()], HERE, undefined],
  ["addresses that do not", [grant()], ELSEWHERE, "address_not_allowed"],
  ["no address at all", [grant()], [], "address_not_allowed"],
])("%s", (_, grants, addresses, expected) => {
  expect(refusalOf(requestFor("GET", "/a"), grants, addresses)).toBe(expected);
});

test("an address that nobody tells leaves it to the policy's condition, but for an empty list", () => {
  const request = requestFor("GET", "/a", { source: { viaVpcEndpoint: false } });
  expect(refusalOf(request, [grant({ addresses: ELSEWHERE })], HERE)).toBeUndefined();
  expect(refusalOf(request, [grant()], [])).toBe("address_not_allowed");
});
