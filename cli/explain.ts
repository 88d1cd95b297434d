import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { APIS, isApiName } from "../local/events/apis.ts";
import { readStack } from "../local/gateway/template/read.ts";
import { localConfig, localSecrets } from "../local/stage/configuration.ts";
import { keptIdentities } from "../local/stage/identities.ts";
import { readCacheSettings } from "../shared/domain/config/cache.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import { TroubleError } from "../shared/domain/reasons/errors.ts";
import type { Command, CommandIo } from "./command.ts";
import { errorText } from "./error-text.ts";
import { readTime } from "./event-options.ts";
import { type Explanation, explain } from "./explain/explain.ts";
import { fromCurl } from "./explain/from-curl.ts";

const USAGE = `Usage: sallyport explain FILE | - | --curl COMMAND [options]

Runs an event of API Gateway through the authorizer and tells what came of each step: the credentials that were found, each provider's verdict, the caller, the
rules that apply, the policy, and what it says of every route of the template. No credential is shown.

  FILE, -              an authorizer's event as JSON, in a file or on standard input
  --curl COMMAND       a request as a curl command instead
  --api API            through which door the curl command comes: ${Object.keys(APIS).join(", ")}
  --address ADDRESS    where the curl command comes from; by default 203.0.113.7
  --stage STAGE        by default prod
  --time SECONDS       the clock, in seconds since the epoch; by default now
  --template FILE      whose routes are shown; by default template.yaml
  --cached-by HEADERS  as SALLYPORT_CACHED_BY of the function: headers that its cache looks at, or none; by default that variable, then the
                       configuration's credentials.cachedBy, then authorization
  --cache-ttl SECONDS  as SALLYPORT_CACHE_TTL of the function
  --local              trust the local issuers, whose credentials \`sallyport event\` makes
  --json               one object for machines
`;

export const run: Command = async (argv, io) => {
  if (argv.includes("--help") || argv.includes("-h")) {
    io.stdout.write(USAGE);
    return 0;
  }
  let given: ReturnType<typeof readArguments>;
  try {
    given = readArguments(argv);
  } catch (error) {
    io.stderr.write(`${errorText(error)}\n\n${USAGE}`);
    return 2;
  }
  const { values, time } = given;
  try {
    const read: unknown = given.eventOf ? undefined : JSON.parse(await source(given.file));
    const config = await (values.local ? trustingLocalIssuers() : io.config());
    const { apis } = await readStack(values.template);
    const cache = readCacheSettings(config, environmentOf(values));
    const event = given.eventOf ? given.eventOf(cache.cachedBy === undefined) : read;
    const explanation = await explain(event, config, apis, time, cache);
    io.stdout.write(values.json ? `${JSON.stringify(explanation, undefined, 2)}\n` : shown(explanation));
    return explanation.outcome === "allow" ? 0 : 1;
  } catch (error) {
    return trouble(error, io);
  }
};

/** The variables of the function that is looked at: those of the options where there are any, this process's own otherwise. */
function environmentOf(options: { readonly "cached-by"?: string; readonly "cache-ttl"?: string }): NodeJS.ProcessEnv {
  const { "cached-by": names, "cache-ttl": seconds } = options;
  if (names === undefined && seconds === undefined) return process.env;
  return { SALLYPORT_CACHED_BY: names, SALLYPORT_CACHE_TTL: seconds };
}

const source = (file: string) => (file === "-" ? text(process.stdin) : readFile(file, "utf8"));

async function trustingLocalIssuers() {
  const identities = await keptIdentities();
  Object.assign(process.env, localSecrets(identities));
  return parseConfig(localConfig(identities));
}

function trouble(error: unknown, { stderr }: CommandIo): number {
  if (error instanceof SyntaxError) stderr.write("The event is no JSON.\n");
  else if (error instanceof TroubleError) stderr.write("The event is of no kind that the authorizer serves.\n");
  else throw error;
  return 2;
}

function readArguments(argv: string[]) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      curl: { type: "string" },
      api: { type: "string", default: "rest-request" },
      address: { type: "string", default: "203.0.113.7" },
      stage: { type: "string", default: "prod" },
      time: { type: "string" },
      template: { type: "string", default: "template.yaml" },
      "cached-by": { type: "string" },
      "cache-ttl": { type: "string" },
      local: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const [file, ...more] = positionals;
  if ((file === undefined) === (values.curl === undefined) || more.length > 0)
    throw new Error("Give one event, or --curl.");
  const { api } = values;
  if (!isApiName(api)) throw new Error(`--api takes one of ${Object.keys(APIS).join(", ")}.`);
  const time = readTime(values.time) ?? Math.floor(Date.now() / 1000);
  if (values.curl === undefined) return { values, time, file: file ?? "", eventOf: undefined };
  const { address, stage } = values;
  const request = fromCurl(values.curl, stage);
  return {
    values,
    time,
    file: "",
    eventOf: (uncached: boolean) =>
      APIS[api].eventOf({ ...request, resource: request.path, address, stage, time, uncached }),
  };
}

function shown({
  api,
  cachedBy,
  credentials,
  outcome,
  reason,
  caller,
  grants,
  policy,
  deniedFields,
  routes,
}: Explanation): string {
  const section = (title: string, lines: readonly string[]) => [
    title,
    ...(lines.length > 0 ? lines : ["none"]).map((line) => `  ${line}`),
    "",
  ];
  const width = Math.max(0, ...routes.map(({ method, path }) => method.length + path.length + 1));
  return `${[
    `Cached by ${cachedBy}`,
    "",
    ...section(
      `Credentials (${api})`,
      credentials.map(
        ({ scheme, in: place, name, length, provider, verdict }) =>
          `${scheme} in ${place} ${name}, ${length} characters: ${provider ? `${provider}: ` : ""}${verdict}`,
      ),
    ),
    ...section(
      "Caller",
      Object.entries(caller ?? {}).map(([name, value]) => `${name}: ${value}`),
    ),
    ...section(
      "Rules that apply",
      grants.map(({ rule, effect, routes: own, fields }) => `${rule} (${effect}): ${[...own, ...fields].join(", ")}`),
    ),
    ...(policy ? section("Policy", JSON.stringify(policy, undefined, 2).split("\n")) : []),
    ...(deniedFields ? section("Fields that are denied", deniedFields) : []),
    ...(routes.length > 0
      ? section(
          "Routes",
          routes.map(
            (route) =>
              `${route.effect === "allow" ? "allow" : "deny "}  ${`${route.method} ${route.path}`.padEnd(width)}  ${route.why}  [${route.api}]`,
          ),
        )
      : []),
    `Outcome: ${outcome}${reason ? `, ${reason}` : ""}`,
  ].join("\n")}\n`;
}
