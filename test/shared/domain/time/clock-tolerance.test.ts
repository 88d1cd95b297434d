import { expect, test } from "vitest";
import { hasBegun } from "../../../../shared/domain/time/clock-tolerance.ts";
import { NOW } from "../../../fixtures.ts";

test.each([
  [-1, 0, true],
  [0, 0, true],
  [0.001, 0, false],
  [1, 0, false],
  [30, 30, true],
  [30.001, 30, false],
  [31, 30, false],
])("a start %s seconds ahead with a tolerance of %s seconds: has begun is %s", (ahead, tolerance, begun) => {
  expect(hasBegun(NOW + ahead, NOW, tolerance)).toBe(begun);
});
