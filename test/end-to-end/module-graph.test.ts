import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUNDLE } from "../../local/hosts/host.ts";
import { localConfig, localSecrets } from "../../local/stage/configuration.ts";
import { createIdentities } from "../../local/stage/identities.ts";
import { createIssuers, type Issuers, signWithIdentity } from "../../local/stage/issuers.ts";
import { eventFor, SCENARIOS } from "../../local/stage/scenarios.ts";
import type { BundleReport } from "../../scripts/bundle.ts";

/**
 * The files of the bundle that a first invocation loads. A provider's libraries load only with its first credential.
 */

const XML = /node_modules\/(xml-crypto|@xmldom|xpath)\//;
const AWS_SDK = /node_modules\/(@aws-sdk|@smithy)\//;

const time = Math.floor(Date.now() / 1000);
let folder: string;
let environment: NodeJS.ProcessEnv;
let issuers: Issuers;
let bundled: BundleReport["files"];

beforeAll(async () => {
  const identities = await createIdentities();
  const config = localConfig(identities);
  issuers = createIssuers(identities, config, await signWithIdentity(identities), time);
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify(config));
  environment = {
    ...process.env,
    SALLYPORT_CONFIG: `file:${file}`,
    ...localSecrets(identities),
    // Nothing listens there: the loaded files do not depend on the table's answer.
    AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9",
  };
  bundled = (JSON.parse(await readFile("dist/meta/authorizer.json", "utf8")) as BundleReport).files;
});
afterAll(() => rm(folder, { recursive: true }));

/** The source files of all bundle parts that one event of this kind loads. */
async function loadedBy(kind: string) {
  const scenario = SCENARIOS.find((candidate) => candidate.kind === kind);
  if (!scenario) throw new Error(`no scenario ${kind}`);
  const event = JSON.stringify(await eventFor(scenario, issuers, time));
  const script = fileURLToPath(new URL("./loaded-modules.mjs", import.meta.url));
  const { stderr } = await promisify(execFile)(process.execPath, [script, new URL("index.mjs", BUNDLE).href, event], {
    env: environment,
  });
  const { answer, loaded } = JSON.parse(stderr.split("\n").at(-1) ?? "") as {
    answer: Record<string, unknown>;
    loaded: string[];
  };
  const root = new URL("../../", import.meta.url).href;
  const files = loaded.filter((url) => url.startsWith(root)).map((url) => url.slice(root.length));
  return { answer, inputs: files.flatMap((file) => bundled[file]?.sources ?? []) };
}

test("a first invocation with a JWT loads neither an XML parser nor the AWS SDK", async () => {
  const { answer, inputs } = await loadedBy("jwt");
  expect(answer.principalId).toBeDefined();
  expect(inputs.some((file) => file.includes("node_modules/jose/"))).toBe(true);
  expect(inputs.filter((file) => XML.test(file) || AWS_SDK.test(file))).toEqual([]);
});

test("a first invocation with a JWT loads of what looks things up only what tells that nothing is to be looked up", async () => {
  const { inputs } = await loadedBy("jwt");
  const looked = /^providers\/(introspection|confirmation|entitlements)\//;
  expect(inputs.filter((file) => looked.test(file)).sort()).toEqual([
    "providers/confirmation/binding.ts",
    "providers/confirmation/confirmation.ts",
    "providers/entitlements/index.ts",
    "providers/introspection/index.ts",
    "providers/introspection/token-owner.ts",
  ]);
});

test("a first invocation with a SAML assertion loads an XML parser but not the AWS SDK", async () => {
  const { answer, inputs } = await loadedBy("saml");
  expect(answer.principalId).toBeDefined();
  expect(inputs.some((file) => XML.test(file))).toBe(true);
  expect(inputs.filter((file) => AWS_SDK.test(file))).toEqual([]);
});

test("a first invocation with a mistyped API key loads neither an XML parser nor the AWS SDK", async () => {
  const { answer, inputs } = await loadedBy("bad-checksum");
  expect(answer).toEqual({ error: "Unauthorized" });
  expect(inputs.filter((file) => XML.test(file) || AWS_SDK.test(file))).toEqual([]);
});

test("a first invocation with a well-formed API key loads the AWS SDK but no XML parser", async () => {
  const { inputs } = await loadedBy("unknown-key");
  expect(inputs.some((file) => AWS_SDK.test(file))).toBe(true);
  expect(inputs.filter((file) => XML.test(file))).toEqual([]);
});

test("no bundle contains code of the local stack, the command line or the tests", async () => {
  const bundles = (await readdir("dist/meta")).filter((file) => file.endsWith(".json"));
  expect(bundles.length).toBeGreaterThan(1);
  for (const bundle of bundles) {
    const { files } = JSON.parse(await readFile(join("dist/meta", bundle), "utf8")) as BundleReport;
    const sources = Object.values(files).flatMap((file) => file.sources);
    expect(sources.length, bundle).toBeGreaterThan(0);
    const foreign = /^(local|cli|test|scripts)\/|node_modules\/commander\//;
    expect(sources.filter((file) => foreign.test(file))).toEqual([]);
  }
});

test("the authorizer has nothing of the login, and the login nothing of the authorizer's function", async () => {
  const sourcesOf = async (name: string) => {
    const { files } = JSON.parse(await readFile(`dist/meta/${name}.json`, "utf8")) as BundleReport;
    return Object.values(files).flatMap((file) => file.sources);
  };
  const [authorizer, login] = [await sourcesOf("authorizer"), await sourcesOf("federation")];
  const ofLogin = /^functions\/federation\/|config\/(federation|saml-login)\.ts$|node_modules\/@node-saml\//;
  expect(login.some((file) => ofLogin.test(file))).toBe(true);
  expect(authorizer.filter((file) => ofLogin.test(file))).toEqual([]);
  expect(login.filter((file) => file.startsWith("functions/authorizer/"))).toEqual([]);
});
