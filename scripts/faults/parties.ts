import { entityXml } from "../../local/stage/saml/metadata.ts";
import { documents, introspection, proxyOf, service } from "./conducts.ts";
import { type Conduct, Party } from "./party.ts";
import type { Keys, Published } from "./published.ts";

/** The issuer of opaque tokens. */
export const OPAQUE_ISSUER = "https://opaque.example.com";

/** The issuer of metadata that are fetched. */
export const METADATA_ISSUER = "https://idp.example.com/metadata";

/** Names of the parties that can be faulty. */
export const PARTIES = [
  "key server",
  "discovery",
  "metadata",
  "DynamoDB",
  "KMS",
  "Secrets Manager",
  "SSM",
  // The server that is asked about opaque tokens.
  "introspection",
  // DynamoDB for a function with a table of entitlements, which it reads for every caller.
  "entitlements",
] as const;
export type PartyName = (typeof PARTIES)[number];

/** Parties that are asked for each request: what they say is about that request alone, and is not kept. */
export const ASKED_EACH_TIME: readonly PartyName[] = ["DynamoDB", "introspection", "entitlements"];

/** Starts all parties in health, and closes them with the stack. */
export async function startParties(
  published: Published,
  { certificates, stranger, strangerKey, otherKey }: Keys,
  database: string,
  cleanup: AsyncDisposableStack,
): Promise<Record<PartyName, Party>> {
  const start = async (conduct: Conduct) => {
    const party = new Party(conduct, certificates);
    await party.listen();
    cleanup.defer(() => party.close());
    return party;
  };
  const keys = () =>
    start(
      documents(
        () => published.jwks,
        () => ({ keys: [otherKey.jwk] }),
        () => ({ keys: [{ ...strangerKey.jwk, kid: "k9" }] }),
      ),
    );
  const second = await keys();
  const parties: Record<PartyName, Party> = {
    "key server": await keys(),
    discovery: await start(
      documents(
        () => ({ issuer: parties.discovery.origin, jwks_uri: `${second.origin}/jwks` }),
        () => ({ issuer: "https://other.example.com", jwks_uri: `${second.origin}/elsewhere` }),
      ),
    ),
    metadata: await start(
      documents(
        () => metadataOf(published.metadata),
        () => metadataOf({ certificates: [stranger.certificate], validUntil: undefined }, "https://other.example.com"),
      ),
    ),
    DynamoDB: await start(proxyOf(database)),
    KMS: await start(
      service(
        () => ({ Plaintext: base64(published.decryption), KeyId: "k" }),
        () => ({ Plaintext: base64("no key") }),
      ),
    ),
    "Secrets Manager": await start(
      service(
        () => ({ SecretString: published.pepper }),
        () => ({ SecretString: "x" }),
      ),
    ),
    SSM: await start(
      service(
        () => ({ Parameter: { Value: published.shared } }),
        () => ({ Parameter: { Value: "x" } }),
      ),
    ),
    introspection: await start(introspection(OPAQUE_ISSUER)),
    entitlements: await start(proxyOf(database)),
  };
  return parties;
}

const metadataOf = ({ certificates, validUntil }: Published["metadata"], entityId: string = METADATA_ISSUER) =>
  entityXml({ entityId, certificates, ...(validUntil !== undefined && { validUntil }) });

const base64 = (value: string) => Buffer.from(value).toString("base64");
