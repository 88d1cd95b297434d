import { eventFrame, writeCase } from "./cases.ts";
import { type ColdCase, coldStart } from "./cold-start.ts";
import { mintTokens } from "./credentials.ts";
import { DIMENSIONS, type Dimension } from "./growth-cases.ts";
import { keysTable } from "./growth-keys.ts";
import { type Curve, tableOf, targetsOf } from "./growth-report.ts";
import { type Subject, startSubject } from "./measured.ts";
import type { Report } from "./report.ts";
import { interleave, needed, type Row } from "./rounds.ts";
import { median } from "./statistics.ts";
import type { Options } from "./warm-rows.ts";
import type { World } from "./world.ts";
import { bundleOf } from "./yardsticks.ts";

/** Measures time and memory against each quantity that may grow, with one process for each size, in turn. */
export async function growing(world: World, options: Options): Promise<Report> {
  const wanted = DIMENSIONS.filter(({ name }) => name.includes(options.only));
  const curves: Curve[] = [];
  for (const dimension of wanted) curves.push(await curveOf(world, dimension, options));
  const keys = "keys in the table".includes(options.only) ? await keysTable(world, options) : undefined;
  return {
    group: "growth",
    tables: [...curves.map(tableOf), ...(typeof keys === "string" ? [] : (keys ?? []))],
    targets: curves.flatMap(targetsOf),
    notes: typeof keys === "string" ? [keys] : [],
  };
}

async function curveOf(world: World, dimension: Dimension, options: Options): Promise<Curve> {
  const sizes = options.quick ? dimension.sizes.slice(0, 2) : dimension.sizes;
  const count = options.quick ? 2 : 100;
  const subjects = new Map<number, Subject>();
  const rows: Row[] = [];
  const starts: ColdCase[] = [];
  try {
    for (const size of sizes) {
      const configured = await world.configured(`growth-${size}`, dimension.config(world, size));
      const environment = { ...world.environment, ...configured };
      const subject = await startSubject(bundleOf("sallyport"), environment);
      if (dimension.atStart) starts.push({ name: String(size), bundle: "sallyport", environment });
      subjects.set(size, subject);
      const seen = dimension.seen(size);
      const tokens = mintTokens(world, "ES256", seen + needed(options, count) + 1, dimension.claims(size));
      const frame = eventFrame("Bearer", world.time);
      const [again = "", ...others] = tokens;
      const fresh = await writeCase(world, `growth ${size} first`, { frame, credentials: others, fresh: true });
      const repeated = await writeCase(world, `growth ${size} again`, { frame, credentials: [again], fresh: false });
      await demandAllow(subject, repeated);
      if (seen > 0) await subject.run(fresh, seen);
      rows.push({ name: `first ${size}`, subject, file: fresh, count });
      rows.push({ name: `again ${size}`, subject, file: repeated, count });
    }
    const rounds = await interleave(rows, options);
    const wall = (name: string) => median((rounds.get(name) ?? []).map((each) => each.wall));
    const imports = await importTimes(starts, Math.min(options.rounds, 5));
    const points = sizes.map(async (size) => ({
      ...{ size, imported: median(imports.get(String(size)) ?? []) },
      ...{ first: wall(`first ${size}`), again: wall(`again ${size}`) },
      heap: (await subjects.get(size)?.memory())?.heap ?? Number.NaN,
    }));
    return { name: dimension.name, points: await Promise.all(points) };
  } finally {
    for (const subject of subjects.values()) subject.close();
  }
}

/** Milliseconds of imports in fresh processes, measured in turn. */
async function importTimes(cases: readonly ColdCase[], rounds: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const each of cases) times.get(each.name)?.push((await coldStart(each)).imported.wall ?? Number.NaN);
  }
  return times;
}

async function demandAllow(subject: Subject, file: string): Promise<void> {
  const { answer } = await subject.answer(file);
  if (!answer.includes('"Effect":"Allow"')) throw new Error(`not allowed: ${answer}`);
}
