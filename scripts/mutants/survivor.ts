/** One change to the code, and what became of it, as Stryker reports it. Lines and columns start at 1. */
export interface Mutant {
  readonly fileName: string;
  readonly location: { readonly start: Position; readonly end: Position };
  readonly replacement: string;
  readonly status: string;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** A change to the code that no test noticed, as its first line reads before and after. */
export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly was: string;
  readonly becomes: string;
}

/** @param source the text of the mutated file */
export function survivorOf({ fileName, location, replacement }: Mutant, source: string): Survivor {
  const { start, end } = location;
  const lines = source.split("\n");
  const [first = "", last = ""] = [lines[start.line - 1], lines[end.line - 1]];
  const changed = first.slice(0, start.column - 1) + replacement + last.slice(end.column - 1);
  return { file: fileName, line: start.line, was: oneLine(first), becomes: oneLine(changed) };
}

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();
