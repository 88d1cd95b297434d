import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import ipaddr from "ipaddr.js";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { AUTHORIZERS, templateForSam } from "./sam-template.ts";

/** The SAM command; `SAM_CLI` replaces the default `sam`. */
export const SAM = process.env.SAM_CLI ?? "sam";
const BUILD = ".aws-sam/build";
const CONFIG = "sallyport.local.json";
const ARCHITECTURE = process.arch === "arm64" ? "arm64" : "x86_64";
const HOST = "host.docker.internal";

/** The reason why the SAM CLI cannot run functions here; undefined if it can. */
export const missing = () => {
  if (!works("docker", ["info"])) return "Docker does not run here";
  return works(SAM, ["--version"])
    ? undefined
    : "the AWS SAM CLI is not here: put it on the PATH, or name it in SAM_CLI (https://docs.aws.amazon.com/serverless-application-model)";
};

/**
 * The address on which servers must listen for containers to reach them: on Linux Docker's bridge, elsewhere loopback.
 */
export const address = () => (process.platform === "linux" ? bridgeAddress() : "127.0.0.1");

/**
 * Runs `sam build`, writes the configuration beside the bundles, and writes the variables into the built template.
 *
 * @returns the options and the environment for every command of SAM
 */
export async function prepare(config: SallyportConfig, environment: Readonly<Record<string, string>>) {
  run(SAM, ["build", "--parameter-overrides", `Architecture=${ARCHITECTURE}`]);
  for (const name of AUTHORIZERS) await writeFile(`${BUILD}/${name}/${CONFIG}`, JSON.stringify(config));
  const inContainer = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^(http:\/\/)[\d.]+/, `$1${HOST}`)]),
  );
  const variables = { ...inContainer, SALLYPORT_CONFIG: `file:/var/task/${CONFIG}` };
  await writeFile(`${BUILD}/local.yaml`, templateForSam(await readFile(`${BUILD}/template.yaml`, "utf8"), variables));
  const options = ["--template", `${BUILD}/local.yaml`, "--parameter-overrides", `Architecture=${ARCHITECTURE}`];
  if (process.platform === "linux") options.push("--add-host", `${HOST}:${bridgeAddress()}`);
  const image = `public.ecr.aws/lambda/nodejs:24-${ARCHITECTURE}`;
  if (works("docker", ["image", "inspect", image])) options.push("--skip-pull-image");
  // Variables in SAM's own environment override those of the template, so SAM gets the function's variables too.
  return { options, env: { ...process.env, ...inContainer } };
}

/** Starts one of SAM's servers with its containers kept warm, and waits until it listens. */
export async function startServer(args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(SAM, ["local", ...args, "--warm-containers", "LAZY"], { env });
  let written = "";
  child.stdout.on("data", (chunk) => (written += chunk));
  child.stderr.on("data", (chunk) => (written += chunk));
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`sam local ${args[0]} has ended: ${written}`)));
  ended.catch(() => {});
  while (!/Running on|Press CTRL/.test(written)) await Promise.race([delay(100), ended]);
  return {
    written: () => written,
    forget: () => {
      written = "";
    },
    close: async () => {
      child.kill("SIGINT");
      await ended.catch(() => {});
    },
  };
}

/** This machine's address on Docker's bridge network: as Docker reports it, or else the first address of the subnet. */
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
