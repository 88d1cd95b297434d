import type { ApiName } from "../../local/events/apis.ts";
import { namedDatabase } from "../../local/stage/aws-environment.ts";
import { createLocalTables, localConfig } from "../../local/stage/configuration.ts";
import { keptIdentities } from "../../local/stage/identities.ts";
import { createIssuers, signWithIdentity } from "../../local/stage/issuers.ts";
import { eventFor, SCENARIOS } from "../../local/stage/scenarios.ts";
import type { CommandIo } from "../command-io.ts";
import { Failure } from "../failure.ts";

/** Overrides of the kind's own request. */
export interface EventOptions {
  readonly api?: ApiName;
  readonly method?: string;
  readonly path?: string;
  /** The caller's IP address. */
  readonly address?: string;
  readonly stage?: string;
  /** Seconds since the epoch; by default the current time. */
  readonly time?: number;
}

const NO_TABLE =
  "This event needs a table for its API key or its entitlements: set AWS_ENDPOINT_URL_DYNAMODB to the address of a DynamoDB, or run `npm run sam:invoke` in a clone.";

/** Prints an event of one kind as JSON. */
export async function printEvent(kind: string, options: EventOptions, { stdout }: CommandIo): Promise<void> {
  const scenario = SCENARIOS.find((each) => each.kind === kind);
  if (!scenario) throw new Error("There is no such kind.");
  const { time = Math.floor(Date.now() / 1000), ...request } = options;
  const identities = await keptIdentities();
  const config = localConfig(identities);
  const endpoint = namedDatabase();
  if (endpoint) await createLocalTables(endpoint);
  const known = createIssuers(identities, config, await signWithIdentity(identities), time);
  const fail = () => Promise.reject(new Failure(NO_TABLE));
  const operator = { entitle: fail, lockOut: fail, lockOutTenant: fail, revokeToken: fail, revokeTokens: fail };
  const issuers = endpoint ? known : { ...known, apiKey: fail, operator };
  stdout.write(`${JSON.stringify(await eventFor(scenario, issuers, time, request), undefined, 2)}\n`);
}
