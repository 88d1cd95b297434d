import { eventFor, SCENARIOS, type Scenario } from "../stage/scenarios.ts";
import { startWorld } from "../stage/world.ts";

type Statement = {
  Effect: string;
  Resource?: string[];
  NotResource?: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

/** Columns of the longest kind. */
const WIDTH = Math.max(...SCENARIOS.map(({ kind }) => kind.length));

/**
 * Sends every scenario to the built authorizer and prints the outcomes.
 *
 * @returns how many outcomes are not the expected ones
 */
export async function demonstrate(): Promise<number> {
  const world = await startWorld();
  let unexpected = 0;
  let heading = "";
  try {
    for (const scenario of SCENARIOS) {
      const time = Math.floor(Date.now() / 1000);
      const event = await eventFor(scenario, world.issuersAt(time), time);
      const { result, error, log } = await world.authorizer.invoke(event);
      const entry = log.find((line) => "outcome" in line && "message" in line) ?? {};
      const asExpected = entry.outcome === scenario.outcome && entry.reason === scenario.reason;
      if (!asExpected) unexpected++;
      if (heading !== scenario.outcome) {
        heading = scenario.outcome;
        console.log(`\n${heading.toUpperCase()}`);
      }
      show(scenario, String(entry.outcome), entry.reason, asExpected);
      if (error !== undefined) console.log(`      answer: error "${error}"`);
      for (const line of linesOf(result)) console.log(`      ${line}`);
    }
  } finally {
    await world.close();
  }
  console.log(`\n${SCENARIOS.length} requests, ${unexpected} unexpected outcomes`);
  return unexpected;
}

function show(
  { kind, title, method = "GET", path = "/whoami" }: Scenario,
  outcome: string,
  reason: unknown,
  asExpected: boolean,
) {
  const sign = asExpected ? "✓" : "✗";
  console.log(`  ${sign} ${kind.padEnd(WIDTH)} ${title}`);
  console.log(`      ${method} ${path} → ${outcome}${reason ? `: ${reason}` : ""}`);
}

/** The statements of a policy, one line for each, and one line for the denials of all other routes. */
function linesOf(result: unknown): string[] {
  const { policyDocument } = Object(result) as { policyDocument?: { Statement: Statement[] } };
  const statements = policyDocument?.Statement ?? [];
  const rest = statements.filter(
    ({ Effect, Resource }) => Effect === "Deny" && !Resource?.some((arn) => !arn.endsWith("/*")),
  );
  const named = statements.filter((statement) => !rest.includes(statement)).map(describe);
  return [
    ...named,
    ...(rest.length > 0
      ? [named.length > 0 ? "deny  all else, and other addresses, and later" : "deny  everything"]
      : []),
  ];
}

function describe({ Effect, Resource = [], Condition = {} }: Statement): string {
  const routes = Resource.map((arn) => arn.split("/").slice(2).join("/").replace("/", " /"));
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => `${operator} ${key} ${[value].flat().join(", ")}`),
  );
  return `${Effect.toLowerCase().padEnd(5)} ${routes.join(", ")}${conditions.length > 0 ? ` where ${conditions.join(" and ")}` : ""}`;
}
