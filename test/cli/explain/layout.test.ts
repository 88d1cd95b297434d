import { WriteStream } from "node:tty";
import { describe, expect, test, vi } from "vitest";
import { columns, paintFor, section } from "../../../cli/explain/text/layout.ts";

const RED = "\u001b[31mno\u001b[39m";

test("columns are aligned by what is seen, colours or not, and the last one is not padded", () => {
  expect(
    columns([
      ["a", "b", "c"],
      ["long", RED, ""],
    ]),
  ).toEqual(["a     b   c", `long  ${RED}`]);
});

test("a section without lines is left out", () => {
  expect(section("Title", [])).toEqual([]);
  expect(section("Title", ["a", ""])).toEqual(["Title", "  a", "", ""]);
});

describe("colours", () => {
  /** A terminal with colours, whatever this process writes to and whichever variables it has. */
  function terminal(variables: Record<string, string> = {}) {
    const depth = WriteStream.prototype.getColorDepth.bind(process.stdout as WriteStream);
    const getColorDepth = () => depth({ TERM: "xterm-256color", ...variables });
    return Object.assign(Object.create(process.stdout), { isTTY: true, getColorDepth });
  }

  test("are for terminals alone", () => {
    expect(paintFor({ write: () => true })("red", "no")).toBe("no");
  });

  test("are left out where NO_COLOR is set", () => {
    vi.stubEnv("FORCE_COLOR", undefined);
    expect(paintFor(terminal({ NO_COLOR: "1" }))("red", "no")).toBe("no");
    expect(paintFor(terminal())("red", "no")).toBe(RED);
  });
});
