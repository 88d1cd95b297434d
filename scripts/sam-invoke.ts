import { readTime } from "../cli/read-time.ts";
import { commandLine, suggestion, WrongUsage } from "../local/command-line.ts";
import { APIS, type ApiName, isApiName } from "../local/events/apis.ts";
import { sam } from "../local/hosts/sam.ts";
import { thread } from "../local/hosts/thread.ts";
import { isAnswerTo } from "../local/stage/answer.ts";
import { eventFor, SCENARIOS, type Scenario } from "../local/stage/scenarios.ts";
import { startWorld } from "../local/stage/world.ts";
import { isSameAnswer } from "./same-answer.ts";

/**
 * Sends events to the function in Docker, as SAM builds it, and to the same bundle in this process, and compares the
 * answers. The second answer is later: an instant at which a policy ends may be later by that time, and by no more.
 *
 * SAM_CLI names the SAM command, by default `sam`. The table of API keys is in the DynamoDB at
 * AWS_ENDPOINT_URL_DYNAMODB, or in an embedded one. Containers must be able to reach its address.
 */
const KINDS = SCENARIOS.map(({ kind }) => kind);

const COMMAND = {
  usage: `Usage: npm run sam:invoke -- <kind>… | all [options]

Sends events to the function in Docker, as SAM builds it, and compares its answers with those of the same bundle here.

  --api API | all    the kind of API; by default the one of the kind
  --method METHOD, --path PATH, --address ADDRESS, --stage STAGE
                     parts of the request; by default those of the kind
  --time SECONDS     the issuers' clock, in seconds since the epoch (default: now)
  --help, --version  print this text, or the version

kinds   ${KINDS.join(", ")}
APIs    ${Object.keys(APIS).join(", ")}
`,
  options: {
    api: { type: "string" },
    method: { type: "string" },
    path: { type: "string" },
    address: { type: "string" },
    stage: { type: "string" },
    time: { type: "string" },
  },
  allowPositionals: true,
} as const;

const { scenarios, apis, time, request } = readArguments();
const missing = sam.missing();
if (missing) {
  console.error(`This needs the SAM CLI and Docker: ${missing}.`);
  process.exit(1);
}
console.log("sam build");
const world = await startWorld({ host: sam });
const inProcess = await world.startIn(thread);

let failures = 0;
for (const scenario of scenarios) {
  for (const api of apis ?? [scenario.api ?? ("rest-request" as const)]) await compare(scenario, api);
}
await Promise.all([inProcess.close(), world.close()]);
const count = scenarios.length * (apis?.length ?? 1);
console.log(`${count - failures} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;

async function compare(scenario: Scenario, api: ApiName): Promise<void> {
  const now = time ?? Math.floor(Date.now() / 1000);
  const event = await eventFor(scenario, world.issuersAt(now), now, { ...request, api });
  const started = performance.now();
  const inDocker = await world.authorizer.invoke(event);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const here = await inProcess.invoke(event);
  const between = (performance.now() - started) / 1000;
  const same = isSameAnswer([inDocker.result, inDocker.error], [here.result, here.error], between);
  // Another route, address or time may change the outcome, so it is not compared then.
  const expected = Object.keys(request).length > 0 || time !== undefined || isAnswerTo(scenario, inDocker, api);
  if (!same || !expected) failures++;
  const shown = inDocker.error === undefined ? outcomeOf(inDocker.result) : `error "${inDocker.error}"`;
  const sign = same && expected ? "✓" : "✗";
  console.log(
    `${sign} ${scenario.kind.padEnd(20)} ${api.padEnd(22)} ${shown.padEnd(22)} ${same ? "as in process" : "NOT as in process"}${expected ? "" : ", NOT as expected"}, ${seconds} s`,
  );
  if (!same || !expected) console.log(JSON.stringify({ inDocker, inProcess: here }, undefined, 2));
}

function outcomeOf(result: unknown): string {
  const { isAuthorized, context } = Object(result) as { isAuthorized?: boolean; context?: { reason?: string } };
  if (isAuthorized !== undefined) return isAuthorized ? "allow" : "deny";
  return context?.reason ? `deny ${context.reason}` : "allow";
}

function readArguments() {
  return commandLine(COMMAND, ({ values, positionals }) => {
    const { api, time, ...request } = values;
    const known = SCENARIOS.filter(({ kind }) => positionals.includes(kind) || positionals.includes("all"));
    const unknown = positionals.filter((name) => name !== "all" && !known.some(({ kind }) => kind === name));
    for (const name of unknown) throw new WrongUsage(`There is no such kind of event.${suggestion(name, KINDS)}`);
    if (known.length === 0) throw new WrongUsage("Name one or more kinds of events, or all.");
    if (api !== undefined && api !== "all" && !isApiName(api)) {
      throw new WrongUsage(`--api takes one of the APIs, or all.${suggestion(api, Object.keys(APIS))}`);
    }
    const apis = api === "all" ? (Object.keys(APIS) as ApiName[]) : api && isApiName(api) ? [api] : undefined;
    return { scenarios: known, apis, time: time === undefined ? undefined : timeOf(time), request };
  });
}

function timeOf(text: string): number {
  try {
    return readTime(text);
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
}
