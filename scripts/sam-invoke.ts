import { spawn, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import ipaddr from "ipaddr.js";
import { parseDocument } from "yaml";
import { startBundle } from "../local/bundle-host.ts";
import { createKeyTable, startDynamoDb } from "../local/dynamodb.ts";
import { createIdentities } from "../local/identities.ts";
import { createIssuers, signWithIdentity } from "../local/issuers.ts";
import { LOCAL, localConfig } from "../local/local-config.ts";
import { eventFor, SCENARIOS, type Scenario } from "../local/scenarios.ts";

/**
 * Runs events through the function as SAM builds it, in Docker, and through the same bundle in this process, and compares the answers.
 *
 * Usage: sam-invoke.ts <kind…> | all      kinds as in `sallyport event --help`
 *
 * SAM_CLI names another command than `sam`. The table of API keys is in the DynamoDB that AWS_ENDPOINT_URL_DYNAMODB names, or in an embedded
 * one; either must listen where a container reaches this machine.
 */
const SAM = process.env.SAM_CLI ?? "sam";
const BUILD = ".aws-sam/build";
const CONFIG = "sallyport.local.json";
const IMAGE = process.arch === "arm64" ? "arm64" : "x86_64";
const AWS = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

const scenarios = chosen(process.argv.slice(2));
need("docker", ["info"], "Docker must run: the function runs in a container.");
need(
  SAM,
  ["--version"],
  "The AWS SAM CLI is needed (https://docs.aws.amazon.com/serverless-application-model): put it on the PATH, or name it in SAM_CLI.",
);

console.log("sam build");
run(SAM, ["build", "--parameter-overrides", `Architecture=${IMAGE}`]);

// On Linux a container reaches this machine at its bridge; elsewhere Docker's own name leads to this machine's loopback.
const gateway = process.platform === "linux" ? bridgeAddress() : undefined;
const named = process.env.AWS_ENDPOINT_URL_DYNAMODB;
const dynamoDb = named
  ? { endpoint: named, close: async () => {} }
  : await startDynamoDb(gateway ? { host: gateway } : {});
Object.assign(process.env, AWS, { AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint });
await createKeyTable(dynamoDb.endpoint, LOCAL.table);

const identities = await createIdentities();
const config = localConfig(identities);
await writeFile(`${BUILD}/Authorizer/${CONFIG}`, JSON.stringify(config));
const environment = { ...AWS, [LOCAL.pepperVariable]: identities.pepper };
const fromContainer = `http://host.docker.internal:${new URL(dynamoDb.endpoint).port}`;
await writeLocalTemplate({
  SALLYPORT_CONFIG: `file:/var/task/${CONFIG}`,
  [LOCAL.pepperVariable]: identities.pepper,
  AWS_ENDPOINT_URL_DYNAMODB: fromContainer,
});
const inProcess = await startBundle(pathToFileURL(`${BUILD}/Authorizer/index.mjs`), {
  ...environment,
  AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
  SALLYPORT_CONFIG: `file:${BUILD}/Authorizer/${CONFIG}`,
});

const sign = await signWithIdentity(identities);
let failures = 0;
for (const scenario of scenarios) {
  const time = Math.floor(Date.now() / 1000);
  const event = await eventFor(scenario, createIssuers(identities, config, sign, time), time);
  const started = performance.now();
  const { answer: inDocker, log } = await samInvoke(event);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { result, error } = await inProcess.invoke(event);
  const same = isDeepStrictEqual(inDocker, error === undefined ? result : { error });
  const asExpected = isAnswerTo(scenario, inDocker);
  if (!same || !asExpected) failures++;
  const shown = "error" in inDocker ? `error "${inDocker.error}"` : scenario.outcome;
  console.log(
    `${same && asExpected ? "✓" : "✗"} ${scenario.kind.padEnd(20)} ${shown.padEnd(22)} ${same ? "as in process" : "NOT as in process"}, ${asExpected ? "as expected" : "NOT as expected"}, ${seconds} s`,
  );
  if (!same || !asExpected) console.log(JSON.stringify({ inDocker, inProcess: error ?? result }, undefined, 2), log);
}
await Promise.all([inProcess.close(), dynamoDb.close()]);
console.log(`${scenarios.length - failures} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;

function chosen(kinds: string[]): readonly Scenario[] {
  const unknown = kinds.filter((kind) => kind !== "all" && !SCENARIOS.some((scenario) => scenario.kind === kind));
  if (kinds.length === 0 || unknown.length > 0) {
    console.error(`Name kinds of events, or all: ${SCENARIOS.map(({ kind }) => kind).join(", ")}`);
    process.exit(2);
  }
  return kinds.includes("all") ? SCENARIOS : SCENARIOS.filter(({ kind }) => kinds.includes(kind));
}

function need(command: string, args: string[], message: string): void {
  if (spawnSync(command, args, { stdio: "ignore" }).status === 0) return;
  console.error(message);
  process.exit(1);
}

function run(command: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return stdout;
  console.error(stderr);
  process.exit(1);
}

/** This machine's address on Docker's bridge. Some engines do not say it: it is the first of the subnet then. */
function bridgeAddress(): string {
  const format = "{{(index .IPAM.Config 0).Gateway}} {{(index .IPAM.Config 0).Subnet}}";
  const [gateway = "", subnet = ""] = run("docker", ["network", "inspect", "bridge", "--format", format])
    .trimEnd()
    .split(" ");
  if (gateway !== "") return gateway;
  const { octets } = ipaddr.IPv4.networkAddressFromCIDR(subnet);
  return octets.with(3, (octets[3] ?? 0) + 1).join(".");
}

/** SAM overrides only variables that the template has: the built template, with those of a local run put in. */
async function writeLocalTemplate(variables: Record<string, string>): Promise<void> {
  const document = parseDocument(await readFile(`${BUILD}/template.yaml`, "utf8"), { logLevel: "silent" });
  for (const [name, value] of Object.entries(variables)) {
    document.setIn(["Resources", "Authorizer", "Properties", "Environment", "Variables", name], value);
  }
  await writeFile(`${BUILD}/local.yaml`, String(document));
}

async function samInvoke(event: unknown): Promise<{ answer: Record<string, unknown>; log: string }> {
  const args = ["local", "invoke", "Authorizer", "--template", `${BUILD}/local.yaml`, "--event", "-"];
  args.push("--parameter-overrides", `Architecture=${IMAGE}`);
  if (gateway) args.push("--add-host", `host.docker.internal:${gateway}`);
  if (
    spawnSync("docker", ["image", "inspect", `public.ecr.aws/lambda/nodejs:24-${IMAGE}`], { stdio: "ignore" })
      .status === 0
  ) {
    args.push("--skip-pull-image");
  }
  // A variable of the caller's outweighs the template's.
  const env = { ...process.env, AWS_ENDPOINT_URL_DYNAMODB: fromContainer };
  const child = spawn(SAM, args, { env });
  child.stdin.end(JSON.stringify(event));
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on("close", resolve)),
  ]);
  const line = stdout.trim().split("\n").at(-1) ?? "";
  try {
    const answer = JSON.parse(line) as Record<string, unknown>;
    return { answer: "errorMessage" in answer ? { error: answer.errorMessage } : answer, log: stderr };
  } catch {
    return { answer: { error: `no answer, exit code ${code}` }, log: stderr };
  }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += String(chunk);
  return all;
}

function isAnswerTo({ outcome, reason }: Scenario, answer: Record<string, unknown>): boolean {
  if (outcome === "unauthenticated") return answer.error === "Unauthorized";
  if (outcome === "unavailable") return answer.error === "unavailable";
  const { reason: given } = Object(answer.context) as { reason?: unknown };
  return answer.error === undefined && given === reason;
}
