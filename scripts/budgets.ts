import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { writeCase } from "./bench/cases.ts";
import { LATE } from "./bench/cold.ts";
import { type ColdCase, type ColdStart, coldCases, listedStart } from "./bench/cold-start.ts";
import { startSubject } from "./bench/measured.ts";
import { createWorld, type World } from "./bench/world.ts";
import { bundleOf } from "./bench/yardsticks.ts";
import type { BundleReport } from "./bundle.ts";

/**
 * Fails if a first decision loads more than its budget, or if a decision makes more remote calls than its budget.
 * Neither depends on the machine's speed. It uses the existing bundle (`bundle-size.ts` builds it).
 *
 * Usage: budgets.ts
 */
interface Budget {
  /** Number of loaded files of the bundle. */
  readonly files: number;
  readonly kibibytes: number;
  /** Number of loaded Node.js modules. */
  readonly builtins: number;
  /** Loaded packages, in addition to those of every start. */
  readonly packages: readonly Heavy[];
  /** Whether Node.js modules for HTTP, undici or compression are loaded, in addition to those of every start. */
  readonly late: boolean;
  /** Remote calls of the first decision, and of each later one. */
  readonly first: readonly string[];
  readonly again: readonly string[];
}

type Heavy = "XML" | "AWS SDK";
const HEAVY: Readonly<Record<Heavy, RegExp>> = {
  XML: /node_modules\/@xmldom\//,
  "AWS SDK": /node_modules\/(@aws-sdk|@smithy)\//,
};

const NOTHING = { packages: [], late: false, first: [], again: [] } as const;
const TABLE = { packages: ["AWS SDK"], late: true, first: ["GetItem"], again: ["GetItem"] } as const;
/** Budgets by the name of the case. The numbers are the current values; lower them when they fall. */
const BUDGETS: Readonly<Record<string, Budget>> = {
  "bundled configuration": { ...NOTHING, files: 3, kibibytes: 183, builtins: 35 },
  JWT: { ...NOTHING, files: 4, kibibytes: 191, builtins: 39 },
  "JWT, keys fetched": { ...NOTHING, files: 4, kibibytes: 191, builtins: 76, late: true, first: ["jwks"] },
  "JWT with entitlements": {
    ...NOTHING,
    files: 25,
    kibibytes: 372,
    builtins: 80,
    packages: ["AWS SDK"],
    late: true,
    first: ["BatchGetItem"],
    again: ["BatchGetItem"],
  },
  "API key": { ...TABLE, files: 23, kibibytes: 369, builtins: 77 },
  SAML: { ...NOTHING, files: 6, kibibytes: 271, builtins: 36, packages: ["XML"] },
  "SAML once": {
    ...NOTHING,
    files: 24,
    kibibytes: 446,
    builtins: 77,
    packages: ["AWS SDK", "XML"],
    late: true,
    first: ["PutItem"],
  },
  "JWT with API key": { ...TABLE, files: 23, kibibytes: 369, builtins: 80 },
};

const bundle = JSON.parse(await readFile("dist/meta/authorizer.json", "utf8")) as BundleReport;
const world = await createWorld();
try {
  const cases = (await coldCases(world)).filter(({ bundle }) => bundle === "sallyport");
  const unknown = Object.keys(BUDGETS).filter((name) => !cases.some((each) => each.name === name));
  if (unknown.length > 0) throw new Error(`no case ${unknown.join(", ")}`);
  for (const each of cases) await check(each);
} finally {
  await world.close();
}

async function check(each: ColdCase): Promise<void> {
  const found = { ...loadedBy(await listedStart(each)), ...(await callsOf(world, each)) };
  const budget = BUDGETS[each.name];
  const mistakes = budget ? mistakesOf(found, budget) : ["no budget"];
  const size = `${found.kibibytes} KiB in ${found.files} files, ${found.builtins} modules of Node's own`;
  console.log(`${each.name}: ${size}; asks ${said(found.first)} first, ${said(found.again)} again`);
  for (const mistake of mistakes) console.log(`  ${mistake}`);
  if (mistakes.length > 0) process.exitCode = 1;
}

function loadedBy({ eager, whole }: ColdStart): Omit<Budget, "first" | "again"> {
  const inputs = whole.files.flatMap((file) => bundle.files[relative(".", file)]?.sources ?? []);
  const atStart = new Set(eager.builtins);
  return {
    ...{ files: whole.files.length, kibibytes: Math.ceil(whole.bytes / 1024), builtins: whole.builtins.length },
    packages: (Object.keys(HEAVY) as Heavy[]).filter((name) => inputs.some((file) => HEAVY[name].test(file))).sort(),
    late: whole.builtins.some((name) => LATE.test(name) && !atStart.has(name)),
  };
}

/** Makes two decisions in one process, and parses the event for each. */
async function callsOf(
  { remote }: World,
  { name, bundle, environment, event }: ColdCase,
): Promise<Pick<Budget, "first" | "again">> {
  if (event === undefined) return { first: [], again: [] };
  const subject = await startSubject(bundleOf(bundle), environment);
  const file = await writeCase(world, `budget ${name}`, { frame: [event], credentials: [""], fresh: false });
  const ask = async () => {
    remote.forget();
    await subject.answer(file);
    return [...remote.calls];
  };
  try {
    return { first: await ask(), again: name === "SAML once" ? [] : await ask() };
  } finally {
    subject.close();
  }
}

function mistakesOf(found: Budget, budget: Budget): string[] {
  const numbers = (["files", "kibibytes", "builtins"] as const)
    .filter((name) => found[name] > budget[name])
    .map((name) => `${name}: ${found[name]}, budget ${budget[name]}`);
  const others = (["packages", "late", "first", "again"] as const)
    .filter((name) => String(found[name]) !== String(budget[name]))
    .map((name) => `${name}: ${String(found[name]) || "none"}, expected ${String(budget[name]) || "none"}`);
  return [...numbers, ...others];
}

function said(calls: readonly string[]): string {
  return calls.join(", ") || "nothing";
}
