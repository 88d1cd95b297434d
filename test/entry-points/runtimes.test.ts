import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer } from "../../local/hosts/host.ts";
import { isAnswerTo } from "../../local/stage/answer.ts";
import { createLocalTables, LOCAL, localConfig, localSecrets } from "../../local/stage/configuration.ts";
import { type DynamoDb, startDynamoDb } from "../../local/stage/database.ts";
import { EXAMPLE_RULES } from "../../local/stage/example-rules.ts";
import { createIdentities, type Identities } from "../../local/stage/identities.ts";
import { createIssuers, signWithIdentity } from "../../local/stage/issuers.ts";
import { eventFor, SCENARIOS } from "../../local/stage/scenarios.ts";
import manifest from "../../package.json" with { type: "json" };
import { NODE_VERSIONS } from "./node-versions.ts";
import { type OutsideProject, outsideProject } from "./outside-project.ts";

/** The packed authorizer answers every scenario on each supported Node.js version. */

const run = promisify(execFile);
let project: OutsideProject;
let database: DynamoDb;
let environment: NodeJS.ProcessEnv;
let identities: Identities;

beforeAll(async () => {
  project = await outsideProject();
  database = await startDynamoDb();
  await createLocalTables(database.endpoint);
  identities = await createIdentities();
  const config = configured();
  await writeInProject("config.json", JSON.stringify(config));
  await writeInProject(
    "authorizer.js",
    `import { createAuthorizer } from "sallyport"; export const handler = createAuthorizer(${JSON.stringify(config)});`,
  );
  environment = {
    ...process.env,
    ...localSecrets(identities),
    AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
    SALLYPORT_CONFIG: "file:config.json",
    SALLYPORT_CACHED_BY: "none",
    POWERTOOLS_LOG_LEVEL: "SILENT",
    POWERTOOLS_METRICS_DISABLED: "true",
  };
});
beforeEach(() => {
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", database.endpoint);
});
afterAll(async () => {
  await database.close();
  await project.remove();
});

function configured() {
  const config = localConfig(identities);
  const entitlements = { table: LOCAL.entitlementsTable };
  return { ...config, routes: [...config.routes, ...EXAMPLE_RULES], entitlements };
}

/** Those that need no server beside the database. */
const ANSWERED = SCENARIOS.filter(({ asks }) => !asks);

async function writeInProject(name: string, text: string): Promise<string> {
  const file = join(project.folder, name);
  await writeFile(file, text);
  return file;
}

/** A fresh event of every scenario, because one of the assertions can be used only once. */
async function freshEvents(): Promise<unknown[]> {
  const time = Math.floor(Date.now() / 1000);
  const issuers = createIssuers(identities, configured(), await signWithIdentity(identities), time);
  return Promise.all(ANSWERED.map((scenario) => eventFor(scenario, issuers, time)));
}

/** The kinds of events for which a module's handler gives another answer than the scenario expects. */
async function wrongAnswers(node: string, module: string): Promise<string[]> {
  const events = await writeInProject("events.json", JSON.stringify(await freshEvents()));
  const script = resolve("test/entry-points/answer-events.mjs");
  const url = pathToFileURL(join(project.folder, module)).href;
  const { stdout } = await run(node, [script, url, events], { cwd: project.folder, env: environment });
  const answers = JSON.parse(stdout) as Answer[];
  return ANSWERED.flatMap((scenario, index) => {
    const answer = answers[index];
    return answer && isAnswerTo(scenario, answer, scenario.api) ? [] : `${scenario.kind}: ${JSON.stringify(answer)}`;
  });
}

test("the oldest tested version is the minimum of package.json", () => {
  expect(manifest.engines.node).toBe(`>=${NODE_VERSIONS[0]?.version}`);
});

describe.each(NODE_VERSIONS)("on Node.js $version", ({ version, node }) => {
  test("runs on that version", async () => {
    expect((await run(node, ["--version"])).stdout).toBe(`v${version}\n`);
  });

  test.each([
    ["the package", "authorizer.js"],
    ["the bundle", "node_modules/sallyport/dist/functions/authorizer/index.mjs"],
  ])("%s answers every scenario as expected", async (_what, module) => {
    expect(await wrongAnswers(node, module)).toEqual([]);
  });
});
