import type { Config } from "../../shared/domain/config/schema.ts";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import type { Finding } from "../chain.ts";
import type { EntitlementStore } from "./store.ts";

/**
 * The step between the verified credentials and the decision: what a table says of their principals. Undefined if the
 * configuration has no such section.
 */
export interface Entitlements {
  readonly name: "entitlements";
  /**
   * The same findings with what the table says: principals with more rights, refusals, or trouble.
   *
   * @param signal aborted shortly before the function's timeout
   * @throws {TroubleError} `entitlements_unavailable` if the table cannot be opened
   */
  entitle(findings: readonly Finding[], signal: AbortSignal): Promise<readonly Finding[]>;
}

/** External services of the step. */
export interface EntitlementsDependencies {
  /** Opens the table. Called for the first verified credential, which loads the AWS SDK. */
  readonly openStore?: (table: string) => Promise<EntitlementStore>;
}

const openDynamoDb = async (table: string) => (await import("./dynamodb-store.ts")).dynamoDbEntitlements(table);

/** The step of a configuration, for `createAuthorizer` of `sallyport/core`. */
export function entitlements(
  config: Config,
  { openStore = openDynamoDb }: EntitlementsDependencies = {},
): Entitlements | undefined {
  const { entitlements: section } = config;
  if (!section) return undefined;
  const opened = openedOnce(
    async () => (await import("./entitle.ts")).createEntitle(section, await openStore(section.table), config),
    "entitlements_unavailable",
  );
  return {
    name: "entitlements",
    entitle: async (findings, signal) => (await opened())(findings, signal),
  };
}
