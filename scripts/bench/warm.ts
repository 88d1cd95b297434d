import type { Measured } from "./measured.ts";
import { cell, type Report, type Table, type Target } from "./report.ts";
import { interleave, type Rounds } from "./rounds.ts";
import { median, spread } from "./statistics.ts";
import { type Options, prepareWarm, rowName } from "./warm-rows.ts";
import { ALGORITHMS, type World } from "./world.ts";

/** Measures warm decisions of Sallyport and of the yardsticks. */
export async function warm(world: World, options: Options): Promise<Report> {
  const prepared = await prepareWarm(world, options);
  try {
    const rounds = await interleave(prepared.rows, options);
    return { group: "warm", tables: tablesOf(rounds), targets: targetsOf(rounds), notes: [] };
  } finally {
    prepared.close();
  }
}

/** One table for each kind of decision, with Sallyport's time as a ratio to that of each other bundle. */
function tablesOf(rounds: Rounds): Table[] {
  const groups = Map.groupBy(rounds, ([name]) => name.split(" · ")[0] ?? "");
  return [...groups].map(([title, rows]) => {
    const ours = rows.find(([name]) => name.endsWith(" · sallyport"))?.[1] ?? [];
    return {
      title,
      columns: ["", "wall", "spread", "p99", "CPU", "Sallyport is, wall", "CPU"],
      rows: rows.map(([name, measured]) => [
        name.split(" · ")[1] ?? "",
        cell(median(measured.map(({ wall }) => wall)), "µs"),
        cell(spread(measured.map(({ wall }) => wall)), "±"),
        cell(median(measured.map(({ p99 }) => p99)), "µs"),
        cell(median(measured.map(({ cpu }) => cpu)), "µs"),
        cell(median(ratios(ours, measured, "wall")), "×"),
        cell(median(ratios(ours, measured, "cpu")), "×"),
      ]),
    };
  });
}

/** Ratios within each round, because one round runs at one speed of the machine. */
function ratios(ours: readonly Measured[], theirs: readonly Measured[], of: "wall" | "cpu"): number[] {
  return ours.map((each, round) => each[of] / (theirs[round]?.[of] ?? Number.NaN));
}

type Read = (name: string) => number;

interface Rule extends Pick<Target, "name" | "limit" | "unit"> {
  readonly of: (read: Read) => number;
}

const EMPTY = rowName("log line and metric alone", "empty");
const GET = rowName("GetItem", "get-item");
const KEY = rowName("API key", "sallyport");
const first = (algorithm: string) => rowName(`${algorithm} first`, "sallyport");

const RULES: readonly Rule[] = [
  ...ALGORITHMS.map(
    (algorithm): Rule => ({
      ...{ name: `${algorithm} first, beside jose.jwtVerify + empty handler`, limit: 1.25, unit: "×" },
      of: (read) => read(first(algorithm)) / (read(rowName(`${algorithm} first`, "jose")) + read(EMPTY)),
    }),
  ),
  ...ALGORITHMS.map(
    (algorithm): Rule => ({
      ...{ name: `${algorithm} first, beside jose.jwtVerify within the empty handler`, limit: 1.25, unit: "×" },
      of: (read) => read(first(algorithm)) / read(rowName(`${algorithm} first`, "jose-logged")),
    }),
  ),
  ...ALGORITHMS.map(
    (algorithm): Rule => ({
      ...{ name: `${algorithm} again, over the empty handler`, limit: 15, unit: "µs" },
      of: (read) => read(rowName(`${algorithm} again`, "sallyport")) - read(EMPTY),
    }),
  ),
  {
    ...{ name: "API key, over the empty handler and a GetItem of the stub", limit: 50, unit: "µs" },
    of: (read) => read(KEY) - read(GET) - read(EMPTY),
  },
  {
    ...{ name: "two credentials, beside the sum of both", limit: 1, unit: "×" },
    of: (read) => read(rowName("RS256 first with API key", "sallyport")) / (read(first("RS256")) + read(KEY)),
  },
  {
    ...{ name: "SAML first, beside node-saml alone (no target)", limit: 0.28, unit: "×" },
    of: (read) => read(rowName("SAML first", "sallyport")) / read(rowName("SAML first", "node-saml")),
  },
];

/** The value of each target is the median of its values in the rounds. */
function targetsOf(rounds: Rounds): Target[] {
  const count = Math.max(0, ...[...rounds.values()].map((measured) => measured.length));
  const over = (rule: Rule, of: "wall" | "cpu") =>
    median(
      Array.from({ length: count }, (_, round) => rule.of((name) => rounds.get(name)?.[round]?.[of] ?? Number.NaN)),
    );
  return RULES.map(({ name, limit, unit, ...rule }) => ({
    ...{ name, limit, unit },
    reached: over({ name, limit, unit, ...rule }, "wall"),
    cpu: over({ name, limit, unit, ...rule }, "cpu"),
  }));
}
