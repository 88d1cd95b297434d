import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { pepperOf } from "../../providers/api-key/hash.ts";
import { createInquiry } from "../../providers/introspection/inquiry.ts";
import { type AskedIssuer, isAsked } from "../../providers/introspection/token-owner.ts";
import { discoverJwksUri } from "../../providers/jwt/discovery.ts";
import { readKeySet, SPIFFE_USES } from "../../providers/jwt/key-set.ts";
import { createKeySource } from "../../providers/jwt/key-source.ts";
import { readCertificate } from "../../providers/saml/certificate.ts";
import { readMetadata } from "../../providers/saml/metadata.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { prefixesOf } from "../../shared/domain/config/introspection.ts";
import { type SigningIssuer, signsTokens } from "../../shared/domain/config/jwt.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { SecretSource } from "../../shared/domain/config/secret.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { fetchBytes } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import { fetchJson } from "../../shared/infrastructure/remote/fetch-json.ts";
import { openSecret } from "../../shared/infrastructure/secret/open-secret.ts";
import { errorText } from "../error-text.ts";

/** What was found at a remote party that the configuration names. */
export interface OnlineFinding {
  readonly path: string;
  readonly message: string;
  /** Whether the authorizer can work with it. */
  readonly isUsable: boolean;
}

/** Milliseconds for each party. */
const TIMEOUT = 10_000;
const METADATA = { accept: "application/samlmetadata+xml, */*;q=0.1", timeout: TIMEOUT, maxLength: 2 ** 20 };

/**
 * Asks every remote party that the configuration names, as the authorizer would, and says what it found: discovery
 * documents, key sets, metadata, secrets and tables. Writes nothing. Shows no secret.
 */
export async function onlineFindings({ jwt, saml, apiKeys, entitlements }: Config): Promise<OnlineFinding[]> {
  const asked = [
    ...(jwt?.issuers ?? []).flatMap((entry, index) =>
      signsTokens(entry) ? [tried(`jwt.issuers[${index}].keys`, () => keysOf(entry))] : [],
    ),
    ...(jwt?.issuers ?? []).flatMap((entry, index) =>
      isAsked(entry) ? [tried(`jwt.issuers[${index}].introspection`, () => madeUpToken(entry))] : [],
    ),
    ...(saml?.identityProviders ?? []).flatMap(({ issuer, metadata }, index) =>
      metadata?.url === undefined
        ? []
        : [tried(`saml.identityProviders[${index}].metadata.url`, () => metadataAt(issuer, metadata))],
    ),
    ...(saml?.decryption?.keys ?? []).map((secret, index) =>
      tried(`saml.decryption.keys[${index}]`, () => secretAt(secret, (pem) => createPrivateKey(Buffer.from(pem)))),
    ),
    ...(saml?.replayTable === undefined ? [] : [tried("saml.replayTable", () => tableAt(saml.replayTable ?? ""))]),
    ...(apiKeys ? [tried("apiKeys.table", () => tableAt(apiKeys.table))] : []),
    ...(entitlements ? [tried("entitlements.table", () => entitlementsAt(entitlements.table))] : []),
    ...(apiKeys
      ? apiKeys.peppers.map(({ id }, index) => tried(`apiKeys.peppers[${index}].secret`, () => pepper(id, apiKeys)))
      : []),
  ];
  return Promise.all(asked);
}

async function tried(path: string, ask: () => Promise<string>): Promise<OnlineFinding> {
  try {
    return { path, message: await ask(), isUsable: true };
  } catch (error) {
    return { path, message: troubleText(error), isUsable: false };
  }
}

/** The innermost cause says most: what is around it says only that something failed. */
function troubleText(error: unknown): string {
  let inner = error;
  while ((inner instanceof TroubleError || inner instanceof TypeError) && inner.cause) inner = inner.cause;
  const { name } = Object(inner) as { name?: unknown };
  const isNamed = typeof name === "string" && /Exception$/.test(name);
  return `${isNamed ? `${name}: ` : ""}${errorText(inner)}`;
}

async function keysOf(entry: SigningIssuer): Promise<string> {
  const { keys, issuer, algorithms, preset } = entry;
  const uses = preset === "spiffe" ? SPIFFE_USES : undefined;
  if ("secret" in keys) {
    for (const algorithm of algorithms) await createKeySource(entry, fetch).find(undefined, algorithm);
    return "the secret can be read, and is long enough";
  }
  if ("jwks" in keys) return counted(keys.jwks.keys, { algorithms, uses }, "the configuration");
  const signal = AbortSignal.timeout(TIMEOUT);
  const uri = "jwksUri" in keys ? keys.jwksUri : await discovered(issuer, signal);
  const { keys: list } = await fetchJson(uri, fetch, signal);
  return counted(Array.isArray(list) ? list : [], { algorithms, uses }, printable(uri) ?? "the key set");
}

/** Asks about a token that nobody issued: the server must know the client, and must not know the token. */
async function madeUpToken(entry: AskedIssuer): Promise<string> {
  const [prefix = ""] = prefixesOf(entry);
  const token = `${prefix}${randomBytes(24).toString("hex")}`;
  const inspection = await createInquiry(entry, fetch)(token, AbortSignal.timeout(TIMEOUT));
  if (inspection) throw new Error("the server calls a made-up token active: it would accept every token");
  return "the server knows the client, and calls a made-up token inactive";
}

async function discovered(issuer: string, signal: AbortSignal): Promise<string> {
  try {
    return await discoverJwksUri(issuer, fetch, signal);
  } catch (error) {
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const { issuer: named } = await fetchJson(url, fetch, signal).catch(() => ({}) as { issuer?: unknown });
    if (typeof named !== "string" || named === issuer) throw error;
    throw new Error(`the discovery document names the issuer ${printable(named) ?? "otherwise"}: write it so`);
  }
}

interface Usable {
  readonly algorithms: readonly string[];
  readonly uses: readonly unknown[] | undefined;
}

function counted(keys: readonly unknown[], { algorithms, uses }: Usable, place: string): string {
  const usable = algorithms.map((algorithm) => ({
    algorithm,
    count: keys.filter((key) => readKeySet([key], algorithms, uses).candidates(undefined, algorithm).length > 0).length,
  }));
  const text = `${keys.length} key${keys.length === 1 ? "" : "s"} in ${place}; usable: ${usable
    .map(({ algorithm, count }) => `${count} for ${algorithm}`)
    .join(", ")}`;
  if (usable.every(({ count }) => count === 0)) throw new Error(text);
  return text;
}

async function metadataAt(
  issuer: string,
  { url = "", signedBy = [] }: NonNullable<SamlIdentityProvider["metadata"]>,
): Promise<string> {
  const bytes = await fetchBytes(url, fetch, METADATA);
  const signers = signedBy.map((text) => readCertificate(text).key);
  const { certificates, validUntil } = readMetadata(bytes, {
    entityId: issuer,
    signers,
    maxLength: METADATA.maxLength,
  });
  const day = (time: number) => new Date(time * 1000).toISOString().slice(0, 10);
  if (validUntil * 1000 <= Date.now()) throw new Error(`the metadata ended on ${day(validUntil)}`);
  const ends = certificates.map(({ notAfter }) => day(notAfter)).join(", ");
  const until = Number.isFinite(validUntil) ? `, valid until ${day(validUntil)}` : "";
  return `metadata of this issuer${until}; certificates until ${ends}`;
}

async function pepper(id: string, apiKeys: ApiKeysConfig): Promise<string> {
  await pepperOf(id, apiKeys).current();
  return "it can be read, and is long enough";
}

async function secretAt(source: SecretSource, read: (secret: Uint8Array) => KeyObject): Promise<string> {
  await openSecret(source, read).current();
  return "it can be read";
}

/** One read as the authorizer makes it, of a record that is not there. */
async function entitlementsAt(table: string): Promise<string> {
  const { dynamoDbEntitlements } = await import("../../providers/entitlements/dynamodb-store.ts");
  const { COMMAND_LIMITS } = await import("../../shared/infrastructure/dynamodb/exchange.ts");
  await dynamoDbEntitlements(table, COMMAND_LIMITS).read(["config-check"], new AbortController().signal);
  return "the table can be read";
}

/** One read of an item that is not there: what the authorizer's role may do. */
async function tableAt(table: string): Promise<string> {
  const { GetItemCommand } = await import("@aws-sdk/client-dynamodb");
  const { COMMAND_LIMITS, tableClient } = await import("../../shared/infrastructure/dynamodb/exchange.ts");
  const { input, exchange } = tableClient(table, COMMAND_LIMITS);
  const command = new GetItemCommand({ ...input, Key: { pk: { S: "config-check" } }, ConsistentRead: true });
  await exchange((client, options) => client.send(command, options));
  return "the table can be read";
}
