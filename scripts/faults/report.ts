import { type CaseResult, RECOVERY } from "./case.ts";
import type { Outcomes } from "./stand.ts";

/** The table of one party, in Markdown. */
export function tableOf(results: readonly CaseResult[]): string {
  const rows = results.map(({ fault, cold, warm, recovery, calls }) =>
    [
      fault,
      said(cold.affected),
      said(warm.affected),
      seconds(Math.max(cold.slowest, warm.slowest)),
      `${seconds(recovery.cold)}, ${seconds(recovery.warm)}`,
      calls,
    ].join(" | "),
  );
  return [
    "| the party | callers, from the start | callers, later | slowest | well again after | calls |",
    "|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

/** How often callers that need the party saw each outcome. */
function said(outcomes: Outcomes): string {
  const parts = Object.entries(outcomes).flatMap(([outcome, times]) => (times > 0 ? [`${times} ${outcome}`] : []));
  return parts.join(", ");
}

const seconds = (milliseconds: number) =>
  milliseconds > 6 * RECOVERY ? "never" : `${(milliseconds / 1000).toFixed(1)} s`;
