import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import ipaddr from "ipaddr.js";
import { parseDocument } from "yaml";
import type { SallyportConfig } from "../../shared/config/schema.ts";
import { type Answer, type HostKind, inTurn, parseLog } from "./host.ts";

/** SAM_CLI names another command than `sam`. */
const SAM = process.env.SAM_CLI ?? "sam";
const BUILD = ".aws-sam/build";
const CONFIG = "sallyport.local.json";
const ARCHITECTURE = process.arch === "arm64" ? "arm64" : "x86_64";
const HOST = "host.docker.internal";

const missing = () => {
  if (!works("docker", ["info"])) return "Docker does not run here";
  return works(SAM, ["--version"])
    ? undefined
    : "the AWS SAM CLI is not here: put it on the PATH, or name it in SAM_CLI (https://docs.aws.amazon.com/serverless-application-model)";
};

// On Linux a container reaches this machine at its bridge; elsewhere Docker's own name leads to this machine's loopback.
const address = () => (process.platform === "linux" ? bridgeAddress() : "127.0.0.1");

/** The function as SAM builds it, in Docker: `sam build` once, and one `sam local invoke` for each event. */
export const sam: HostKind = {
  title: "in sam local invoke",
  missing,
  address,
  start: async (config, environment) => {
    const { options, env } = await prepare(config, environment);
    const turn = inTurn();
    return {
      invoke: (event) => turn(() => invoke(["local", "invoke", "Authorizer", "--event", "-", ...options], event, env)),
      close: async () => {},
    };
  },
};

/** The same kept warm by `sam local start-lambda`, for many events. */
export const samWarm: HostKind = {
  title: "in sam local start-lambda",
  missing,
  address,
  start: async (config, environment) => {
    const { options, env } = await prepare(config, environment);
    const port = await freePort();
    const args = [
      "local",
      "start-lambda",
      "Authorizer",
      "--port",
      String(port),
      "--warm-containers",
      "EAGER",
      ...options,
    ];
    const child = spawn(SAM, args, { env });
    let written = "";
    child.stdout.on("data", (chunk) => (written += chunk));
    child.stderr.on("data", (chunk) => (written += chunk));
    const ended = once(child, "exit").then(() => Promise.reject(new Error(`start-lambda has ended: ${written}`)));
    ended.catch(() => {});
    const url = `http://127.0.0.1:${port}/2015-03-31/functions/Authorizer/invocations`;
    while (!/Running on|Press CTRL/.test(written)) await Promise.race([delay(100), ended]);
    const turn = inTurn();
    return {
      invoke: (event) =>
        turn(async () => {
          written = "";
          const response = await fetch(url, { method: "POST", body: JSON.stringify(event) });
          const answer = answerOf(await response.json());
          for (let tries = 0; tries < 100 && !written.includes('"outcome"'); tries++) await delay(10);
          return { ...answer, log: parseLog(written) };
        }),
      close: async () => {
        child.kill("SIGINT");
        await ended.catch(() => {});
      },
    };
  },
};

/** Builds, writes the configuration beside the bundle and the variables into the template; returns what all of SAM's commands take. */
async function prepare(config: SallyportConfig, environment: Readonly<Record<string, string>>) {
  run(SAM, ["build", "--parameter-overrides", `Architecture=${ARCHITECTURE}`]);
  await writeFile(`${BUILD}/Authorizer/${CONFIG}`, JSON.stringify(config));
  const inContainer = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^(http:\/\/)[\d.]+/, `$1${HOST}`)]),
  );
  await writeTemplate({ ...inContainer, SALLYPORT_CONFIG: `file:/var/task/${CONFIG}` });
  const options = ["--template", `${BUILD}/local.yaml`, "--parameter-overrides", `Architecture=${ARCHITECTURE}`];
  if (process.platform === "linux") options.push("--add-host", `${HOST}:${bridgeAddress()}`);
  const image = `public.ecr.aws/lambda/nodejs:24-${ARCHITECTURE}`;
  if (works("docker", ["image", "inspect", image])) options.push("--skip-pull-image");
  // A variable of the caller's outweighs the template's: the function's own are handed to the SAM CLI too.
  return { options, env: { ...process.env, ...inContainer } };
}

async function invoke(args: string[], event: unknown, env: NodeJS.ProcessEnv): Promise<Answer> {
  const child = spawn(SAM, args, { env });
  child.stdin.end(JSON.stringify(event));
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.on("close", resolve)),
  ]);
  const log = parseLog(stderr);
  try {
    // The function's answer is the last line of standard output.
    return { ...answerOf(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")), log };
  } catch {
    return { error: `no answer, exit code ${code}: ${stderr}`, log };
  }
}

/** An answer, or the message of the error that the runtime made of one. */
function answerOf(body: unknown): { result: unknown } | { error: string } {
  const { errorMessage } = Object(body) as { errorMessage?: string };
  return errorMessage === undefined ? { result: body } : { error: errorMessage };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** SAM overrides only variables that the template has: the built template, with those of a local run put in. */
async function writeTemplate(variables: Record<string, string>): Promise<void> {
  const document = parseDocument(await readFile(`${BUILD}/template.yaml`, "utf8"), { logLevel: "silent" });
  for (const [name, value] of Object.entries(variables)) {
    document.setIn(["Resources", "Authorizer", "Properties", "Environment", "Variables", name], value);
  }
  await writeFile(`${BUILD}/local.yaml`, String(document));
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

const works = (command: string, args: string[]) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

function run(command: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args[0]} failed: ${stderr}`);
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += String(chunk);
  return all;
}
