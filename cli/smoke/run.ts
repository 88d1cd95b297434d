import { generateApiKey } from "../../providers/api-key/format.ts";
import { issueApiKey } from "../../providers/api-key/management/issue.ts";
import { revokeKey } from "../../providers/api-key/management/status.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { inTable } from "../keys/table.ts";
import type { StackPlace } from "../stack/options.ts";
import type { StackOutputs } from "../stack/outputs.ts";
import { withStack } from "../stack/with-stack.ts";
import { UsageError } from "../usage-error.ts";
import { ask, type SmokeRequest } from "./ask.ts";

/** Options of `sallyport smoke`. */
export interface SmokeOptions extends StackPlace {
  readonly url?: readonly string[];
  readonly token?: string;
  readonly scope?: readonly string[];
}

/** Lifetime of the issued key in seconds, if it cannot be revoked. */
const KEY_LIFETIME = 600;

/** Sends one request of each kind to each route. Returns the exit code. */
export async function smoke({ token, url, scope = [], ...place }: SmokeOptions, own: CommandIo): Promise<number> {
  if (place.stack === undefined && url === undefined) throw new UsageError("--stack or --url is missing.");
  const { io, outputs } = await withStack(own, place);
  const urls = url ?? routesOf(outputs);
  if (urls.length === 0) throw new UsageError("The stack has none of the example APIs. --url names a route to ask.");
  const failures = await withKey(io, scope, (keys) => askAll(urls, [...keys, ...tokenRequest(token)], io));
  if (failures > 0 && outputs.AuthorizerLogGroup !== undefined)
    io.stdout.write(`The log has the reasons: aws logs tail ${outputs.AuthorizerLogGroup} --since 5m\n`);
  return failures > 0 ? EXIT.failed : EXIT.done;
}

const routesOf = ({ WhoamiUrl, HttpWhoamiUrl }: StackOutputs) =>
  [WhoamiUrl, HttpWhoamiUrl].filter((each) => each !== undefined);

/** Issues a key for the time of an action, and revokes it, however the action ends. */
async function withKey(
  io: CommandIo,
  scopes: readonly string[],
  action: (requests: readonly SmokeRequest[]) => Promise<number>,
): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const options = {
    name: "sallyport smoke",
    scopes: [...scopes],
    roles: [],
    addresses: [],
    attributes: {},
    expiresIn: KEY_LIFETIME,
  };
  const { key, id, unknown } = await inTable(io, async (store, config) => {
    const issued = await issueApiKey(options, config, store, { by: "sallyport smoke", time: now });
    return { key: issued.key, id: issued.record.id, unknown: generateApiKey(config.prefix, config.environment).text };
  });
  try {
    return await action([
      { title: "no credential", expected: 401 },
      { title: "an unknown API key", authorization: `ApiKey ${unknown}`, expected: 401 },
      { title: "an API key", authorization: `ApiKey ${key}`, expected: 200 },
    ]);
  } finally {
    await inTable(io, (store) => revokeKey(store, id, { by: "sallyport smoke", time: now }));
    io.stderr.write(`The key ${id}, which was issued for this, is revoked.\n`);
  }
}

function tokenRequest(token: string | undefined): SmokeRequest[] {
  if (token === undefined) return [];
  return [{ title: "the given token", authorization: token.includes(" ") ? token : `Bearer ${token}`, expected: 200 }];
}

/** Returns the number of answers that were not the expected ones. */
async function askAll(urls: readonly string[], requests: readonly SmokeRequest[], { stdout }: CommandIo) {
  let failures = 0;
  for (const url of urls) {
    stdout.write(`${url}\n`);
    for (const request of requests) {
      const { isExpected, text } = await ask(url, request);
      if (!isExpected) failures++;
      stdout.write(`  ${isExpected ? "✓" : "✗"} ${request.title.padEnd(20)} ${text}\n`);
    }
  }
  stdout.write(`${urls.length * requests.length} requests, ${failures} not as expected.\n`);
  return failures;
}
