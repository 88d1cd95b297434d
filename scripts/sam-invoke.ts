import { parseArgs } from "node:util";
import { readTime } from "../cli/read-time.ts";
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
const USAGE = `Usage: npm run sam:invoke -- <kind…> | all [--api API | all] [--method METHOD] [--path PATH] [--address ADDRESS] [--stage STAGE] [--time SECONDS]

kinds   ${SCENARIOS.map(({ kind }) => kind).join(", ")}
APIs    ${Object.keys(APIS).join(", ")}
`;

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
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        api: { type: "string" },
        method: { type: "string" },
        path: { type: "string" },
        address: { type: "string" },
        stage: { type: "string" },
        time: { type: "string" },
      },
    });
    const { api, time, ...request } = values;
    const known = SCENARIOS.filter(({ kind }) => positionals.includes(kind) || positionals.includes("all"));
    const unknown = positionals.filter((name) => name !== "all" && !known.some(({ kind }) => kind === name));
    if (known.length === 0 || unknown.length > 0) throw new Error("Name one or more kinds of events, or all.");
    if (api !== undefined && api !== "all" && !isApiName(api)) throw new Error(`There is no API "${api}".`);
    const apis = api === "all" ? (Object.keys(APIS) as ApiName[]) : api && isApiName(api) ? [api] : undefined;
    return { scenarios: known, apis, time: time === undefined ? undefined : readTime(time), request };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}
