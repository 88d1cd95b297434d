import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { coldCases, listedStart } from "../../scripts/bench/cold-start.ts";
import type { Report } from "../../scripts/bench/report.ts";
import { createWorld, type World } from "../../scripts/bench/world.ts";
import { buildYardsticks } from "../../scripts/bench/yardsticks.ts";

/** The benchmarks run and measure everything they list. No test depends on a duration. */

const TIMEOUT = 180_000;
let world: World;
beforeAll(async () => {
  await buildYardsticks();
  world = await createWorld();
  return () => world.close();
}, TIMEOUT);

describe("npm run bench -- all --quick", () => {
  let reports: readonly Report[];
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["scripts/bench/main.ts", "all", "--quick", "--no-build", "--json"],
      { maxBuffer: 2 ** 26 },
    );
    reports = (JSON.parse(stdout) as { reports: readonly Report[] }).reports;
  }, TIMEOUT);

  const titles = (group: string) => reports.find((report) => report.group === group)?.tables.map(({ title }) => title);

  test("measures warm decisions of every kind", () => {
    const jwt = ["RS256", "ES256", "EdDSA"].flatMap((algorithm) => [`${algorithm} first`, `${algorithm} again`]);
    const others = ["API key", "GetItem", "RS256 first with API key", "RS256 again with API key"];
    const saml = ["SAML first", "SAML again"];
    expect(titles("warm")).toEqual(["log line and metric alone", ...jwt, ...others, ...saml]);
  });

  test("measures cold starts and growth", () => {
    expect(titles("cold")).toEqual(expect.arrayContaining(["Time in a fresh process", "Loaded, and memory"]));
    const growing = ["By issuers", "By rules", "By roles of the caller", "By tokens seen before"];
    // This row needs a database, which the test has started.
    growing.push("By keys in the table");
    expect(titles("growth")).toEqual(expect.arrayContaining(growing));
  });

  test("measures the steps of a decision", () => {
    const rows = reports.find(({ group }) => group === "steps")?.tables[0]?.rows ?? [];
    expect(rows.map(([name]) => name)).toEqual(
      expect.arrayContaining(["read the token strictly", "verify its signature (jose)", "API key: check its record"]),
    );
  });

  test("reports a measured value for every target", () => {
    const targets = reports.flatMap((report) => report.targets);
    expect(targets.length).toBeGreaterThan(12);
    for (const { name, reached } of targets) expect([name, Number.isFinite(reached)]).toEqual([name, true]);
  });
});

test("the empty handler writes the same log fields and metrics as a decision about a JWT", async () => {
  const cases = await coldCases(world);
  const writtenBy = async (name: string) => {
    const found = cases.find((each) => each.name === name);
    if (!found) throw new Error(`no case ${name}`);
    const { log } = await listedStart(found);
    return log
      .trim()
      .split("\n")
      .map((line) => fieldsOf(JSON.parse(line)));
  };
  expect(await writtenBy("empty handler")).toEqual(await writtenBy("JWT"));
});

/** The paths of all fields within a value; for a list, those of its first item. */
function fieldsOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Array.isArray(value) ? value.slice(0, 1) : value;
  return Object.entries(inner).flatMap(([name, each]) => fieldsOf(each, `${path}.${name}`));
}
