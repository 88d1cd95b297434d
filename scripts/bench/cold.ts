import { type ColdCase, type ColdStart, coldCases, coldStart, earlierName, listedStart } from "./cold-start.ts";
import { cell, type Report, type Table, type Target } from "./report.ts";
import { runtimeInterfaceTable } from "./runtime-interface.ts";
import { median, spread } from "./statistics.ts";
import type { Options } from "./warm-rows.ts";
import type { World } from "./world.ts";

interface Cold extends Pick<ColdCase, "name" | "bundle"> {
  readonly starts: readonly ColdStart[];
  /** The start that lists loaded files. */
  readonly listed: ColdStart;
}

/** Measures import and first decision in fresh processes, for each kind of credential and for other authorizers. */
export async function cold(world: World, options: Options): Promise<Report> {
  const wanted = (await coldCases(world)).filter(({ name }) => name.toLowerCase().includes(options.only.toLowerCase()));
  const cases: ColdCase[] = [];
  for (const each of wanted) if (await canStart(each)) cases.push(each);
  const starts = new Map<ColdCase, ColdStart[]>(cases.map((each) => [each, []]));
  for (let round = -1; round < options.rounds; round++) {
    for (const each of cases) {
      const start = await coldStart(each);
      // The first round is not counted, because the files may not be in the page cache yet.
      if (round >= 0) starts.get(each)?.push(start);
    }
  }
  const measured: Cold[] = [];
  for (const [each, own] of starts) {
    const { name, bundle } = each;
    measured.push({ name, bundle, starts: own, listed: await listedStart(each) });
  }
  const inClient = await runtimeInterfaceTable(cases, options.rounds);
  return {
    group: "cold",
    tables: [timeTable(measured), sizeTable(measured), ...(typeof inClient === "string" ? [] : [inClient])],
    targets: targetsOf(measured),
    notes: [
      ...measured
        .filter(({ bundle }) => bundle !== "earlier")
        .map(({ name, listed }) => `${name}: of what could wait, Node loaded ${lateIn(listed)}.`),
      ...(typeof inClient === "string" ? [inClient] : []),
      ...measured.flatMap((each) => besideEarlier(each, measured)),
    ],
  };
}

/** What a start takes as a ratio to the earlier build, if there is one. */
function besideEarlier(each: Cold, measured: readonly Cold[]): string[] {
  const earlier = measured.find(({ name }) => name === earlierName(each.name));
  if (!earlier) return [];
  const times = (of: (start: ColdStart) => number) => `${ratio(each, earlier, of).toFixed(2)} ×`;
  const imported = times((start) => number(start.imported.wall));
  const whole = times((start) => number(start.imported.wall) + (start.first.wall ?? 0));
  const cpu = times((start) => number(start.imported.cpu) + (start.first.cpu ?? 0));
  return [
    `${each.name}, beside the earlier build: import ${imported}, with the first decision ${whole}, in CPU time ${cpu}.`,
  ];
}

/** An earlier build does not know every option of the cases. */
async function canStart(each: ColdCase): Promise<boolean> {
  if (each.bundle !== "earlier") return true;
  return coldStart(each).then(
    () => true,
    () => false,
  );
}

const YARDSTICK = "aws-powertools: JWT";
const BUNDLED = "bundled configuration";
const number = (value: number | null | undefined) => value ?? Number.NaN;

function timeTable(measured: readonly Cold[]): Table {
  const yardstick = measured.find(({ name }) => name === YARDSTICK);
  return {
    title: "Time in a fresh process",
    columns: ["", "import", "spread", "CPU", "import ×", "first decision", "spread", "CPU", "both ×"],
    rows: measured.map((each) => {
      const first = each.starts.map((start) => number(start.first.wall));
      return [
        each.name,
        cell(median(each.starts.map(({ imported }) => number(imported.wall))), "ms"),
        cell(spread(each.starts.map(({ imported }) => number(imported.wall))), "±"),
        cell(median(each.starts.map(({ imported }) => number(imported.cpu))), "ms"),
        cell(
          ratio(each, yardstick, ({ imported }) => number(imported.wall)),
          "×",
        ),
        cell(median(first), "ms"),
        cell(spread(first), "±"),
        cell(median(each.starts.map((start) => number(start.first.cpu))), "ms"),
        cell(
          ratio(each, yardstick, (start) => number(start.imported.wall) + number(start.first.wall)),
          "×",
        ),
      ];
    }),
  };
}

/** The median of the rounds' ratios. */
function ratio(ours: Cold | undefined, theirs: Cold | undefined, of: (start: ColdStart) => number): number {
  if (!ours || !theirs) return Number.NaN;
  return median(ours.starts.map((start, round) => of(start) / of(theirs.starts[round] ?? start)));
}

function sizeTable(measured: readonly Cold[]): Table {
  return {
    title: "Loaded, and memory",
    columns: [
      "",
      "eager",
      "files",
      "of Node's own",
      "after the first decision",
      "files",
      "of Node's own",
      "peak memory",
    ],
    rows: measured.map(({ name, starts, listed: { eager, whole } }) => [
      name,
      ...[eager, whole].flatMap(({ bytes, files, builtins }) => [
        cell(bytes / 1024, "KiB"),
        cell(files.length, "n"),
        cell(builtins.length, "n"),
      ]),
      cell(median(starts.map(({ peak }) => peak)) / 1024 ** 2, "MiB"),
    ]),
  };
}

/** Prefixes of internal names of Node.js modules that no start needs. */
export const LATE = /^(zlib|internal\/deps\/undici|http2?$|https$|internal\/http2)/;

const lateIn = ({ whole }: ColdStart) => whole.builtins.filter((name) => LATE.test(name)).join(", ") || "nothing";

function targetsOf(measured: readonly Cold[]): Target[] {
  const find = (wanted: string) => measured.find(({ name }) => name === wanted);
  const [bundled, yardstick, jwt] = [find(BUNDLED), find(YARDSTICK), find("JWT")];
  const eager = bundled?.listed.eager;
  return [
    {
      ...{ name: "import, beside aws-jwt-verify with Powertools' logger", limit: 1.1, unit: "×" },
      reached: ratio(bundled, yardstick, ({ imported }) => number(imported.wall)),
      cpu: ratio(bundled, yardstick, ({ imported }) => number(imported.cpu)),
    },
    { name: "bytes at the start", limit: 100, unit: "KiB", reached: eager ? eager.bytes / 1024 : Number.NaN },
    {
      ...{ name: "modules of zlib, undici and HTTP that a JWT's first decision loads", limit: 0, unit: "n" },
      reached: jwt ? jwt.listed.whole.builtins.filter((name) => LATE.test(name)).length : Number.NaN,
    },
  ];
}
