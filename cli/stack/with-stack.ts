import type { Config } from "../../shared/domain/config/schema.ts";
import type { CommandIo } from "../command-io.ts";
import { Failure } from "../failure.ts";
import type { StackPlace } from "./options.ts";
import { readStack, type StackOutputs, usePlace } from "./outputs.ts";

/** The variables of a configuration, and the outputs of the template that are their values. */
const VARIABLES = {
  SALLYPORT_KEYS_TABLE: "KeysTableName",
  SALLYPORT_PEPPER_SECRET: "PepperArn",
  SALLYPORT_ASSERTIONS_TABLE: "AssertionsTableName",
  SALLYPORT_ACTIVITY_TABLE: "ActivityTableName",
  SALLYPORT_ENTITLEMENTS_TABLE: "EntitlementsTableName",
} as const;

/** What a command reads and writes, and the outputs of the deployed stack that it concerns, if one is named. */
export interface StackIo {
  readonly io: CommandIo;
  readonly outputs: StackOutputs;
}

/**
 * Lets a command use the table and the secrets of a deployed stack: the configuration is read with the stack's outputs
 * in its environment variables.
 *
 * @throws {Failure} if the stack cannot be read
 */
export async function withStack(io: CommandIo, place: StackPlace): Promise<StackIo> {
  usePlace(place);
  if (place.stack === undefined) return { io, outputs: {} };
  const { outputs, parameters } = await readStack(place.stack);
  const { KeysTableName } = outputs;
  if (KeysTableName === undefined) {
    throw new Failure(`The stack ${place.stack} has no output KeysTableName: it is none of Sallyport's template.`);
  }
  for (const [variable, output] of Object.entries(VARIABLES)) {
    if (outputs[output] !== undefined) process.env[variable] = outputs[output];
  }
  // Commands that end a key say how long caches may serve it.
  if (parameters.ReauthorizeEvery !== undefined) process.env.SALLYPORT_CACHE_TTL = parameters.ReauthorizeEvery;
  const config = async () => demandTables(await io.config(), outputs);
  return { io: { ...io, config }, outputs };
}

/** A configuration that names another table would issue or revoke what the stack never reads. */
function demandTables(
  config: Config,
  { KeysTableName: table = "", EntitlementsTableName: entitled }: StackOutputs,
): Config {
  const { apiKeys, entitlements } = config;
  if (entitlements && !isTable(entitlements.table, entitled)) {
    throw new Failure(
      entitled === undefined
        ? "The stack has no table of entitlements: its parameter WithEntitlements is not true."
        : `The configuration's entitlements.table is ${entitlements.table}, the stack's table is ${entitled}. ` +
            "Let the configuration read SALLYPORT_ENTITLEMENTS_TABLE, which --stack sets.",
    );
  }
  if (!apiKeys || isTable(apiKeys.table, table)) return config;
  throw new Failure(
    `The configuration's apiKeys.table is ${apiKeys.table}, the stack's table is ${table}. ` +
      "Let the configuration read SALLYPORT_KEYS_TABLE and SALLYPORT_PEPPER_SECRET, which --stack sets.",
  );
}

/** Whether a name or an ARN is that of a table. */
const isTable = (named: string, table: string | undefined): boolean =>
  table !== undefined && (named === table || named.endsWith(`:table/${table}`));
