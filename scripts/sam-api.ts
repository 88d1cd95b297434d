import { parseArgs } from "node:util";
import { sam, startApi } from "../local/hosts/sam.ts";
import { createLocalTables, localConfig, localSecrets } from "../local/stage/configuration.ts";
import { useDynamoDb } from "../local/stage/database.ts";
import { createIdentities } from "../local/stage/identities.ts";
import { createIssuers, signWithIdentity } from "../local/stage/issuers.ts";
import { requestHeaders } from "../local/stage/scenarios.ts";
import type { SallyportConfig } from "../shared/domain/config/schema.ts";

/**
 * Runs the REST example in front of the function in Docker, by `sam local start-api`, with local issuers and a table, and prints requests ready to paste.
 *
 * Usage: sam-api.ts [--port PORT] [--check]      --check makes the requests itself, and ends with 1 if an answer is not the expected one
 */
const { values } = parseArgs({ options: { port: { type: "string", default: "3000" }, check: { type: "boolean" } } });
const missing = sam.missing();
if (missing) {
  console.error(`This needs the SAM CLI and Docker: ${missing}.`);
  process.exit(1);
}

const identities = await createIdentities();
// SAM's emulator takes no statement with NotResource.
const config: SallyportConfig = { ...localConfig(identities), policy: { explicitDeny: false } };
const dynamoDb = await useDynamoDb(sam.address());
const environment = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
  // SAM's emulator has no cache.
  SALLYPORT_CACHED_BY: "none",
  SALLYPORT_CACHE_TTL: "0",
  ...localSecrets(identities),
};
Object.assign(process.env, environment);
await createLocalTables(dynamoDb.endpoint);
const api = await startApi(config, environment, Number(values.port));
const issuers = createIssuers(identities, config, await signWithIdentity(identities), Math.floor(Date.now() / 1000));

/** What SAM's own emulator shows: a thrown error is 502 there, and conditions and denials are ignored. */
const requests = [
  { title: "a user with a JWT", kind: "jwt", path: "/tenants/acme/orders", status: 200 },
  { title: "a user with a SAML assertion", kind: "saml", path: "/whoami", status: 200 },
  { title: "a partner with a key", kind: "api-key-bearer", path: "/whoami", status: 200 },
  { title: "an expired token: 401 on AWS", kind: "expired-token", path: "/whoami", status: 502 },
  { title: "a user without the scope", kind: "no-right", path: "/tenants/acme/orders", status: 403 },
];
let failures = 0;
for (const { title, kind, path, status } of requests) {
  const headers = await requestHeaders(kind, issuers);
  const url = api.url + path;
  if (values.check) {
    const response = await fetch(url, { headers });
    const body = await response.text();
    if (response.status !== status || (status === 200 && JSON.parse(body).issuer === undefined)) failures++;
    console.log(`${response.status === status ? "✓" : "✗"} ${title}: ${response.status} ${body.trim()}`);
  } else {
    const options = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`);
    console.log(`\n# ${title}\ncurl -i ${options.join(" ")} ${url}`);
  }
}
if (!values.check) {
  console.log("\nCtrl-C ends it.");
  await new Promise<void>((resolve) => process.once("SIGINT", () => resolve()));
}
await Promise.all([api.close(), dynamoDb.close()]);
if (values.check) console.log(`${requests.length - failures} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
