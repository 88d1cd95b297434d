import { parseArgs } from "node:util";
import { APIS, isApiName } from "../local/events/apis.ts";
import { createLocalTables, localConfig } from "../local/stage/configuration.ts";
import { keptIdentities } from "../local/stage/identities.ts";
import { createIssuers, signWithIdentity } from "../local/stage/issuers.ts";
import { eventFor, SCENARIOS } from "../local/stage/scenarios.ts";
import type { Command } from "./command.ts";
import { errorText } from "./error-text.ts";
import { EVENT_OPTIONS, readTime } from "./event-options.ts";

const USAGE = `Usage: sallyport event <kind> [options]

Prints an event as API Gateway sends it, with a fresh credential of the local issuers, whose keys are kept in .sallyport/. API keys are issued into
the table that AWS_ENDPOINT_URL_DYNAMODB leads to. An event with X-Api-Key is for a function without a cache (SALLYPORT_CACHED_BY=none).

  --api API          through which door; by default the kind's own:
${Object.entries(APIS)
  .map(([name, { title }]) => `                     ${name.padEnd(22)} ${title}`)
  .join("\n")}
  --method METHOD    another method than the kind's own
  --path PATH        another path
  --address ADDRESS  where the caller is; by default 203.0.113.7
  --stage STAGE      by default prod
  --time SECONDS     the issuers' clock, in seconds since the epoch; by default now

${SCENARIOS.map(({ kind, title }) => `  ${kind.padEnd(20)} ${title}`).join("\n")}
`;

export const run: Command = async (argv, { stdout, stderr }) => {
  if (argv.includes("--help") || argv.includes("-h")) {
    stdout.write(USAGE);
    return 0;
  }
  let given: ReturnType<typeof readArguments>;
  try {
    given = readArguments(argv);
  } catch (error) {
    stderr.write(`${errorText(error)}\n\n${USAGE}`);
    return 2;
  }
  const { scenario, time, request } = given;
  const identities = await keptIdentities();
  const config = localConfig(identities);
  const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  if (endpoint) await createLocalTables(endpoint);
  const known = createIssuers(identities, config, await signWithIdentity(identities), time);
  const issuers = endpoint ? known : { ...known, apiKey: () => Promise.reject(new Error(NO_TABLE)) };
  stdout.write(`${JSON.stringify(await eventFor(scenario, issuers, time, request), undefined, 2)}\n`);
  return 0;
};

const NO_TABLE =
  "This event needs a table for its API key: name a DynamoDB in AWS_ENDPOINT_URL_DYNAMODB, or let `npm run sam:invoke` do it all.";

function readArguments(argv: string[]) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: EVENT_OPTIONS,
  });
  const scenario = SCENARIOS.find(({ kind }) => kind === positionals[0]);
  if (!scenario || positionals.length > 1) throw new Error("Name one kind of event.");
  const { time, api, ...request } = values;
  if (api !== undefined && !isApiName(api)) throw new Error(`--api takes one of ${Object.keys(APIS).join(", ")}.`);
  return {
    scenario,
    time: readTime(time) ?? Math.floor(Date.now() / 1000),
    request: { ...request, api },
  };
}
