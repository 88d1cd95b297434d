import { expect, test } from "vitest";
import { withoutEdges } from "../../../../shared/domain/text/without-edges.ts";

test.each([
  ["", ""],
  [" ", ""],
  [" \t ", ""],
  ["a", "a"],
  [" a b\t", "a b"],
  ["\u00a0a ", "\u00a0a"],
  ["\na", "\na"],
])("takes spaces and tabs off the edges of %j, and nothing else", (text, result) => {
  expect(withoutEdges(text, " \t")).toBe(result);
});
