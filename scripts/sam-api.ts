import { commandLine, WrongUsage } from "../local/command-line.ts";
import { sam, startApi } from "../local/hosts/sam.ts";
import type { Issuers } from "../local/stage/issuers.ts";
import { requestHeaders } from "../local/stage/scenarios.ts";
import { startStage } from "../local/stage/stage.ts";
import { UNCACHED } from "../local/stage/world.ts";
import type { SallyportConfig } from "../shared/domain/config/schema.ts";

/**
 * Runs the example REST API with `sam local start-api`, the function in Docker, local issuers and a table, and prints
 * example requests.
 */
const COMMAND = {
  usage: `Usage: npm run sam:api -- [options]

Runs the example REST API with sam local start-api, the function in Docker, local issuers and a table, and prints
requests.

  --port PORT        the port of the API (default 3000)
  --check            send the requests, and exit with 1 if an answer is not the expected one
  --help, --version  print this text, or the version
`,
  options: { port: { type: "string", default: "3000" }, check: { type: "boolean", default: false } },
} as const;
const values = commandLine(COMMAND, ({ values: { port, check } }) => {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new WrongUsage("--port takes a number below 65536.");
  return { check, port: Number(port) };
});
const missing = sam.missing();
if (missing) {
  console.error(`This needs the SAM CLI and Docker: ${missing}.`);
  process.exit(1);
}

/** The answers of SAM's emulator, which gives 502 for a thrown error and ignores conditions and denials. */
const REQUESTS = [
  { title: "a user with a JWT", kind: "jwt", path: "/tenants/acme/orders", status: 200 },
  { title: "a user with a SAML assertion", kind: "saml", path: "/whoami", status: 200 },
  { title: "a partner with a key", kind: "api-key-bearer", path: "/whoami", status: 200 },
  { title: "an expired token: 401 on AWS", kind: "expired-token", path: "/whoami", status: 502 },
  { title: "a user without the scope", kind: "no-right", path: "/tenants/acme/orders", status: 403 },
];

const stage = await startStage({ databaseHost: sam.address() });
// SAM's emulator does not support NotResource, and has no cache.
const config: SallyportConfig = { ...stage.config, policy: { explicitDeny: false } };
const api = await startApi(config, { ...stage.environment, ...UNCACHED }, values.port);
const issuers = stage.issuersAt(Math.floor(Date.now() / 1000), config);
if (values.check) {
  const failures = await check(api.url, issuers);
  console.log(`${REQUESTS.length - failures} passed, ${failures} failed`);
  process.exitCode = failures > 0 ? 1 : 0;
} else {
  await print(api.url, issuers);
  console.log("\nCtrl-C stops it.");
  await new Promise<void>((resolve) => process.once("SIGINT", () => resolve()));
}
await Promise.all([api.close(), stage.close()]);

/** Sends the requests. Returns the number of unexpected answers. */
async function check(url: string, by: Issuers): Promise<number> {
  let failures = 0;
  for (const { title, kind, path, status } of REQUESTS) {
    const response = await fetch(url + path, { headers: await requestHeaders(kind, by) });
    const body = await response.text();
    if (response.status !== status || (status === 200 && JSON.parse(body).issuer === undefined)) failures++;
    console.log(`${response.status === status ? "✓" : "✗"} ${title}: ${response.status} ${body.trim()}`);
  }
  return failures;
}

async function print(url: string, by: Issuers): Promise<void> {
  for (const { title, kind, path } of REQUESTS) {
    const headers = Object.entries(await requestHeaders(kind, by)).map(([name, value]) => `-H '${name}: ${value}'`);
    console.log(`\n# ${title}\ncurl -i ${headers.join(" ")} ${url}${path}`);
  }
}
