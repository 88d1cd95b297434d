import { assertionXml } from "../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../local/stage/saml/signing.ts";
import { generateApiKey } from "../../providers/api-key/format.ts";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { issueApiKey } from "../../providers/api-key/management/issue.ts";
import { revokeKey } from "../../providers/api-key/management/status.ts";
import { dynamoDbEntitlementTable } from "../../providers/entitlements/management/dynamodb-entitlement-table.ts";
import { disable } from "../../providers/entitlements/management/entitlements.ts";
import { replayStoreOf } from "../../providers/saml/replay.ts";
import { dynamoDbUsedOnceStore } from "../../providers/used-once.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import { COMMAND_LIMITS } from "../../shared/infrastructure/dynamodb/exchange.ts";
import { NAMES, type World } from "./world.ts";

const PEPPER_VARIABLE = "SALLYPORT_FAULTS_PEPPER";

/** Uses the database itself: the parties are not faulty yet, but they may be. */
function useDatabase({ database }: World): void {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = database.endpoint;
}

/** Issues an API key, one that is revoked, and one that is in no table. */
export async function issueKeys(world: World, pepper: string) {
  useDatabase(world);
  process.env[PEPPER_VARIABLE] = pepper;
  const { apiKeys } = parseConfig({
    ...world.config,
    apiKeys: { table: NAMES.table, peppers: [{ id: "p1", secret: { environment: PEPPER_VARIABLE } }] },
  });
  if (!apiKeys) throw new Error("no section");
  const table = dynamoDbKeyTable(NAMES.table);
  const change = { by: "faults", time: Math.floor(Date.now() / 1000) };
  const issue = () => issueApiKey({ name: "Partner", subject: "partner" }, apiKeys, table, change);
  const [good, bad] = [await issue(), await issue()];
  await revokeKey(table, bad.record.id, change);
  const { prefix, environment } = apiKeys;
  return {
    good: good.key,
    revoked: bad.key,
    unknown: generateApiKey(prefix, environment).text,
    principal: `api-keys:${environment}|partner`,
  };
}

/** Locks a subject of the first issuer out, in the table of entitlements. */
export async function lockOut(world: World, subject: string): Promise<void> {
  useDatabase(world);
  const change = { by: "faults", time: Math.floor(Date.now() / 1000) };
  await disable(dynamoDbEntitlementTable(NAMES.entitlements), { kind: "subject", issuer: NAMES.here, subject }, change);
}

/** An assertion of two days that has been used. */
export async function usedAssertion(world: World): Promise<string> {
  useDatabase(world);
  const [id, time, lifetime] = ["_used", Math.floor(Date.now() / 1000) - 5, 172_800];
  const names = { issuer: NAMES.samlHere, subject: "alice", audience: NAMES.audience, recipient: NAMES.recipient };
  const use = { issuer: NAMES.samlHere, id, expiresAt: time + lifetime };
  await replayStoreOf(dynamoDbUsedOnceStore(NAMES.uses, COMMAND_LIMITS)).record(use, new AbortController().signal);
  return signXml(assertionXml({ ...names, time, lifetime, id, oneTimeUse: true }), id, world.keys.identity);
}
