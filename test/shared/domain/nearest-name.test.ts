import { expect, test } from "vitest";
import { nearestName } from "../../../shared/domain/nearest-name.ts";

test.each<[string, string | undefined]>([
  ["issuers", "issuers"],
  ["issuer", "issuers"],
  ["isuers", "issuers"],
  ["issuerz", "issuers"],
  ["nmae", "name"],
  ["naem", "name"],
  ["names", "name"],
  ["nome", "name"],
  ["nobody", undefined],
  ["", undefined],
  ["x".repeat(10_000), undefined],
])("the name nearest to %s is %s", (text, nearest) => {
  expect(nearestName(text, ["name", "issuers", "windows"])).toBe(nearest);
});
