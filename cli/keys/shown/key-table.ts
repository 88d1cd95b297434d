import { isDamaged, type ListedKey } from "../../../providers/api-key/management/key-table.ts";
import type { Output } from "../../command-io.ts";
import { columns, paintFor } from "../../explain/text/layout.ts";
import { STATE_COLOURS, stateOf } from "./public-record.ts";
import { safeText } from "./safe-text.ts";
import { shownMinute } from "./times.ts";

const HEADER = ["ID", "STATUS", "EXPIRES (UTC)", "OWNER", "TENANT", "NAME", "SCOPES"];

/** Columns that are cut where a terminal is too narrow, by their places. Without a terminal nothing is cut. */
const FLEXIBLE = [3, 4, 5, 6];

/** A flexible column has at least this many characters. */
const MIN_WIDTH = 6;

/** Characters between two columns. */
const GAP = 2;

/** Keys as a table, one line for each. */
export function keyTable(keys: readonly ListedKey[], now: number, stream: Output): string {
  const paint = paintFor(stream);
  const rows = [HEADER, ...keys.map((key) => rowOf(key, now))];
  const cut = stream.isTTY && stream.columns ? fitted(rows, stream.columns) : rows;
  const painted = cut.map((row, index) =>
    row.map((cell, column) => {
      const key = keys[index - 1];
      if (!key) return paint("bold", cell);
      return column === 1 ? paint(STATE_COLOURS[stateOf(key, now)], cell) : cell;
    }),
  );
  return columns(painted)
    .map((line) => `${line}\n`)
    .join("");
}

function rowOf(key: ListedKey, now: number): string[] {
  const state = stateOf(key, now);
  if (isDamaged(key)) return [safeText(key.id), state, "", "", "", "", ""];
  const { id, expiresAt, owner = "-", tenant = "-", name, scopes } = key;
  const end = expiresAt === undefined ? "never" : shownMinute(expiresAt);
  return [id, state, end, ...[owner, tenant, name, scopes.join(" ")].map(safeText)];
}

/** The rows with their widest flexible columns cut until a line fits, or until all are as narrow as they may be. */
function fitted(rows: readonly (readonly string[])[], width: number): (readonly string[])[] {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const excess = () => widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
  while (excess() > 0) {
    const widest = FLEXIBLE.reduce((most, each) => ((widths[each] ?? 0) > (widths[most] ?? 0) ? each : most));
    const now = widths[widest] ?? 0;
    if (now <= MIN_WIDTH) break;
    widths[widest] = now - 1;
  }
  return rows.map((row) => row.map((cell, column) => shortened(cell, widths[column] ?? 0)));
}

const shortened = (cell: string, width: number) => (cell.length <= width ? cell : `${cell.slice(0, width - 1)}…`);
