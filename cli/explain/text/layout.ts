import { styleText } from "node:util";

/** Colours a text where the terminal has colours. */
export type Paint = (colour: "green" | "red" | "yellow" | "bold" | "dim", text: string) => string;

/** Colours for a stream: none if it is no terminal, or `NO_COLOR` is set. */
export function paintFor(stream: unknown): Paint {
  const { isTTY } = Object(stream) as { isTTY?: unknown };
  if (isTTY !== true) return (_, text) => text;
  return (colour, text) => styleText(colour, text, { stream: stream as NodeJS.WritableStream });
}

/**
 * Rows with aligned columns. Cells are joined by two spaces, and the last one is not padded.
 */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      if (index < row.length - 1) widths[index] = Math.max(widths[index] ?? 0, width(cell));
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index < row.length - 1 ? cell + " ".repeat((widths[index] ?? 0) - width(cell)) : cell))
      .join("  ")
      .trimEnd(),
  );
}

/** Characters of a cell on the terminal, without its colours. */
const width = (cell: string): number => cell.replace(COLOURS, "").length;

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

/** Lines under a title; nothing if there are none. */
export const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`.trimEnd()), ""];
