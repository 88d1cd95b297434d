/** A table of a group, rendered as text or Markdown, or printed as JSON. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A cell: text, or a number with its digits and unit. */
export type Cell = string | { readonly value: number; readonly unit: Unit };
export type Unit = "µs" | "ms" | "×" | "±" | "KiB" | "MiB" | "n" | "exponent";

/** A performance target, and the value that this run reached. */
export interface Target {
  readonly name: string;
  readonly limit: number;
  readonly unit: Unit;
  readonly reached: number;
  /** The same value as CPU time, for a target of time. */
  readonly cpu?: number;
}

export interface Report {
  readonly group: string;
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** What could not be measured, with the reason. */
  readonly notes: readonly string[];
}

export const cell = (value: number, unit: Unit): Cell => ({ value, unit });

export function textOf(content: Cell): string {
  if (typeof content === "string") return content;
  const { value, unit } = content;
  if (!Number.isFinite(value)) return "–";
  if (unit === "±") return `±${(value * 100).toFixed(0)} %`;
  if (unit === "n") return String(value);
  if (unit === "exponent") return value.toFixed(2);
  return `${value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)} ${unit}`;
}

/** The targets as a table. */
export function targetTable(targets: readonly Target[]): Table {
  return {
    title: "Targets",
    columns: ["target", "at most", "reached", "in CPU time", ""],
    rows: targets.map(({ name, limit, unit, reached, cpu }) => [
      name,
      cell(limit, unit),
      cell(reached, unit),
      cpu === undefined ? "" : cell(cpu, unit),
      Number.isNaN(reached) ? "not measured" : reached <= limit ? "met" : "missed",
    ]),
  };
}

export function render({ group, tables, targets, notes }: Report, markdown: boolean): string {
  const all = [...tables, ...(targets.length > 0 ? [targetTable(targets)] : [])];
  const write = markdown ? markdownOf : plainOf;
  const heading = markdown ? `### ${group}\n` : `== ${group}`;
  return [heading, ...all.map(write), ...notes.map((note) => `${note}\n`)].join("\n");
}

function markdownOf({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const alignment = columns.map((_, index) => (index === 0 ? "---" : "---:"));
  return `${[`**${title}**\n`, line(columns), line(alignment), ...rows.map((row) => line(row.map(textOf)))].join("\n")}\n`;
}

function plainOf({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map(textOf))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? "").length)));
  const shown = lines.map((line) =>
    line
      .map((text, index) => (index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0)))
      .join("  "),
  );
  return `${[title, ...shown.map((line) => `  ${line.trimEnd()}`)].join("\n")}\n`;
}
