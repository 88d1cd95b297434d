import { randomUUID } from "node:crypto";
import { issueSamlCredential } from "../../local/stage/saml/identity-provider.ts";
import { itemOf } from "../../providers/api-key/item.ts";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { issueApiKey } from "../../providers/api-key/management/issue.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import { mint } from "../../test/providers/jwt/mint.ts";
import { type Algorithm, NAMES, type World } from "./world.ts";

/** Lifetime of all credentials in seconds, longer than any run. */
const LIFETIME = 6 * 3600;

type Claims = Readonly<Record<string, unknown>>;

/** Signs tokens of usual size for a user, each with a unique `jti`. */
export function mintTokens(world: World, algorithm: Algorithm, count: number, claims: Claims = {}): string[] {
  return Array.from({ length: count }, () =>
    mint(world.keys[algorithm], {
      ...{ iss: NAMES.issuer, aud: NAMES.audience, sub: "8d1c3c1e-5f0b-4a52-9f0a-3b1f6f1a7c11", client_id: "web" },
      ...{ tenant: "acme", email: "alice@example.com", scope: "orders:read profile", roles: ["analyst"] },
      ...{ iat: world.time, nbf: world.time, exp: world.time + LIFETIME, jti: randomUUID(), ...claims },
    }),
  );
}

/** Issues one API key with the same rights, and stores its record in the stub and in the database. */
export async function issueKey(
  world: World,
  table = dynamoDbKeyTable(NAMES.table),
): Promise<{ id: string; key: string }> {
  const { apiKeys } = parseConfig(world.config);
  if (!apiKeys) throw new Error("no section");
  const options = { name: "Bench", tenant: "acme", scopes: ["orders:read", "orders:write"], expiresIn: LIFETIME };
  const { key, record } = await issueApiKey(options, apiKeys, table, { by: "bench", time: world.time });
  world.remote.add(itemOf(record));
  return { id: record.id, key };
}

/** Issues Responses with signed assertions of five attributes, base64. */
export function issueResponses(world: World, count: number, oneTimeUse = false): string[] {
  return Array.from({ length: count }, () =>
    issueSamlCredential(
      world.saml,
      {
        ...{ issuer: NAMES.samlIssuer, audience: NAMES.samlAudience, recipient: NAMES.samlRecipient },
        ...{ subject: "alice", time: world.time, lifetime: LIFETIME, id: `_${randomUUID()}`, oneTimeUse },
        attributes: {
          ...{ tenant: "acme", scopes: "orders:read", groups: "analyst", email: "alice@example.com" },
          displayName: "Alice",
        },
      },
      { message: "response" },
    ),
  );
}
