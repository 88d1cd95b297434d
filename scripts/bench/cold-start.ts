import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventFrame } from "./cases.ts";
import { issueKey, issueResponses, mintTokens } from "./credentials.ts";
import { NAMES, type World } from "./world.ts";
import { type Bundle, bundleOf, ours } from "./yardsticks.ts";

interface Cost {
  /** Milliseconds; null if there was no decision. */
  readonly wall: number | null;
  readonly cpu: number | null;
}

export interface Modules {
  /** Paths of the bundle's files. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Internal names of the newly loaded Node.js modules. */
  readonly builtins: readonly string[];
}

/** Measurements of a bundle in a fresh process. */
export interface ColdStart {
  readonly imported: Cost;
  readonly first: Cost;
  readonly result: { readonly answer?: unknown; readonly error?: string };
  readonly eager: Modules;
  readonly whole: Modules;
  /** Peak memory in bytes. */
  readonly peak: number;
}

/** The same measurements with the log of the process. */
export interface ListedStart extends ColdStart {
  readonly log: string;
}

/** A bundle, its environment variables, and its first event; without an event it is only imported. */
export interface ColdCase {
  readonly name: string;
  readonly bundle: Bundle;
  readonly environment: Readonly<Record<string, string>>;
  readonly event?: string;
}

export const earlierName = (name: string) => `${name}, earlier build`;

/** The kinds of credentials, and the yardsticks that are measured with them. */
export async function coldCases(world: World): Promise<ColdCase[]> {
  const { key } = await issueKey(world);
  const [token = ""] = mintTokens(world, "RS256", 1);
  const [[response = ""], [once_ = ""]] = [issueResponses(world, 1), issueResponses(world, 1, true)];
  const { config, environment: bare } = world;
  const environment = { ...bare, ...(await world.configured("cold", config)) };
  const uncached = { ...environment, SALLYPORT_CACHED_BY: "none", SALLYPORT_CACHE_TTL: "0" };
  const { jwksUri } = world.remote;
  const issuers = (config.jwt?.issuers ?? []).map((issuer) => ({ ...issuer, keys: { jwksUri } }));
  const fetching = { ...bare, ...(await world.configured("cold-fetching", { ...config, jwt: { issuers } })) };
  const entitlements = { table: NAMES.entitlements };
  const entitling = { ...bare, ...(await world.configured("cold-entitling", { ...config, entitlements })) };
  const event = (scheme: string, credential: string) => eventFrame(scheme, world.time).join(credential);
  const jwt = event("Bearer", token);
  const own = (name: string, rest: Omit<ColdCase, "name" | "bundle">): ColdCase[] =>
    ours().map((bundle) => ({ name: bundle === "sallyport" ? name : earlierName(name), bundle, ...rest }));
  return [
    ...own("bundled configuration", {
      environment: { ...bare, SALLYPORT_JWT_ISSUER: NAMES.issuer, SALLYPORT_JWT_AUDIENCE: NAMES.audience },
    }),
    ...own("JWT", { environment, event: jwt }),
    ...own("JWT, keys fetched", { environment: fetching, event: jwt }),
    ...own("JWT with entitlements", { environment: entitling, event: jwt }),
    ...own("API key", { environment, event: event("ApiKey", key) }),
    ...own("SAML", { environment, event: event("SAML", response) }),
    ...own("SAML once", { environment: uncached, event: event("SAML", once_) }),
    ...own("JWT with API key", { environment, event: event("Bearer", `${token}, ApiKey ${key}`) }),
    { name: "aws-powertools: JWT", bundle: "aws-powertools", environment, event: jwt },
    { name: "auth0-sample: JWT, keys fetched", bundle: "auth0-sample", environment, event: jwt },
    { name: "empty handler", bundle: "empty", environment, event: jwt },
  ];
}

const PROBE = fileURLToPath(new URL("cold-probe.mjs", import.meta.url));

/**
 * Imports a bundle in a fresh process and makes one decision, without a list of files.
 *
 * @throws {Error} without an answer
 */
export const coldStart = async (each: ColdCase): Promise<ColdStart> => (await probe(each, false)).told;

/** The same with loaded files and log. Its times are not meaningful, because listing files takes time. */
export async function listedStart(each: ColdCase): Promise<ListedStart> {
  const { told, log } = await probe(each, true);
  return { ...told, log };
}

async function probe({ name, bundle, environment, event }: ColdCase, isListed: boolean) {
  const child = spawn(process.execPath, [PROBE, bundleOf(bundle).href, ...(event === undefined ? [] : [event])], {
    env: { ...environment, ...(isListed && { BENCH_HOOK: "1" }) },
    stdio: ["ignore", isListed ? "pipe" : "ignore", "pipe"],
  });
  let [log, written] = ["", ""];
  child.stdout?.on("data", (chunk) => (log += chunk));
  child.stderr?.on("data", (chunk) => (written += chunk));
  await once(child, "close");
  const last = written.split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) throw new Error(`${name}: ${written}`);
  const told = JSON.parse(last) as ColdStart;
  if (told.result.error) throw new Error(`${name}: ${told.result.error}`);
  return { told, log };
}
