import { type Drift, findDrift } from "../../functions/usage-sync/drift.ts";
import type { GatewayKeys } from "../../functions/usage-sync/gateway-keys.ts";
import { type Mended, mendDrift } from "../../functions/usage-sync/mend.ts";
import { plannedSubjects, type Subject } from "../../functions/usage-sync/subject.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { Failure } from "../failure.ts";
import { inTable } from "../keys/table.ts";

export interface SyncOptions {
  readonly check?: boolean;
  readonly json?: boolean;
}

/** Opens the API Gateway keys of a deployment. */
export type OpenGateway = (deployment: string) => Promise<GatewayKeys>;

const openAws: OpenGateway = async (deployment) => {
  const [{ gatewayKeys }, { pacer }] = await Promise.all([
    import("../../functions/usage-sync/gateway-keys.ts"),
    import("../../functions/usage-sync/pacer.ts"),
  ]);
  return gatewayKeys(deployment, pacer());
};

type Outcome = Mended["outcome"] | "found";

/**
 * Shows what differs between configuration, usage plans and records, and mends it unless it is only to be checked.
 *
 * @returns the exit code: failed if something differs, or could not be mended
 */
export async function syncUsage(
  { check = false, json = false }: SyncOptions,
  io: CommandIo,
  open: OpenGateway = openAws,
): Promise<number> {
  const lines: { readonly drift: Drift; readonly outcome: Outcome }[] = [];
  const say = (drift: Drift, outcome: Outcome) => {
    lines.push({ drift, outcome });
    if (!json) io.stdout.write(`${outcome.padEnd(10)} ${textOf(drift)}\n`);
  };
  await inTable(io, async (table, config) => {
    const gateway = await asked(() => open(config.table));
    const survey = await findDrift(plannedSubjects(config), failing(gateway), table);
    if (check) for (const drift of survey.drift) say(drift, "found");
    else for await (const { drift, outcome } of mendDrift(survey, failing(gateway), table)) say(drift, outcome);
  });
  const left = lines.filter(({ outcome }) => outcome !== "mended").length;
  if (json) {
    io.stdout.write(`${JSON.stringify({ drift: lines.map(({ drift, outcome }) => ({ ...drift, outcome })) })}\n`);
  } else {
    const summary = lines.length === 0 ? "Nothing differs." : `${lines.length} differences, ${left} of them left.`;
    io.stderr.write(`${summary}\n`);
  }
  return left === 0 ? EXIT.done : EXIT.failed;
}

/** The gateway, whose errors say what to do. */
function failing(gateway: GatewayKeys): GatewayKeys {
  const wrapped = Object.entries(gateway).map(([name, call]) => [
    name,
    (...given: never[]) => asked(() => (call as (...args: never[]) => Promise<unknown>)(...given)),
  ]);
  return Object.fromEntries(wrapped) as GatewayKeys;
}

/** @throws {Failure} with a hint */
async function asked<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown";
    throw new Failure(
      `API Gateway did not do it (${name}). Check AWS credentials, profile and Region, and AWS_ENDPOINT_URL_API_GATEWAY. ` +
        "What was mended stays; run the command again.",
    );
  }
}

function textOf(drift: Drift): string {
  switch (drift.kind) {
    case "unknown_plan":
      return `${nameOf(drift.subject)}: there is no usage plan ${drift.plan}`;
    case "missing_key":
      return `${nameOf(drift.subject)}: no API Gateway key in plan ${drift.plan}`;
    case "wrong_plan":
      return `${nameOf(drift.subject)}: API Gateway key ${drift.gatewayKey} is in ${drift.found.join(", ") || "no plan"}, not in ${drift.plan}`;
    case "wrong_record":
      return drift.subject
        ? `key ${drift.keyId}: does not name the API Gateway key of ${nameOf(drift.subject)}`
        : `key ${drift.keyId}: names an API Gateway key that it should not have`;
    case "left_over_key":
      return `API Gateway key ${drift.gatewayKey}${drift.subject ? ` of ${nameOf(drift.subject)}` : ""}: left over`;
  }
}

const nameOf = ({ kind, name }: Subject) => `${kind} ${name}`;
