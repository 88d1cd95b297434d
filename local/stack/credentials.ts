import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { issueApiKey } from "../../providers/api-key/management/issue.ts";
import { disableKey, revokeKey } from "../../providers/api-key/management/status.ts";
import { opaqueIssuers } from "../../providers/introspection/token-owner.ts";
import { readClaim } from "../../providers/jwt/claim-path.ts";
import { issuersOf } from "../../providers/jwt/issuer-entry.ts";
import type { ClaimPath } from "../../shared/domain/config/common.ts";
import { prefixesOf } from "../../shared/domain/config/introspection.ts";
import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import { acceptedValues, type RequiredClaim } from "../../shared/domain/config/required-claims.ts";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { UnknownObject } from "../../shared/domain/object/unknown-object.ts";
import { LOCAL, localSecrets } from "../stage/configuration.ts";
import type { Identities } from "../stage/identities.ts";
import { opaqueToken } from "../stage/introspection-server.ts";
import type { OpenIdProvider } from "../stage/openid-provider.ts";
import { type CredentialForm, issueSamlCredential } from "../stage/saml/identity-provider.ts";

/** What credentials are made of. */
export interface CredentialParts {
  /** The authorizer's configuration, checked. */
  readonly config: Config;
  readonly identities: Identities;
  readonly openId: OpenIdProvider;
  /** The secret of issuers that sign with a shared one. */
  readonly sharedSecret: string;
}

/**
 * Issues a JWT for Alice of the tenant acme, as an issuer of the configuration would: with its name, audience, algorithm,
 * type and required claims, and with each property in the claim that the issuer's mapping names.
 *
 * @param parameters `iss` chooses the issuer, by default the first. `sub`, `tenant`, `scope` and `roles` (separated by
 *   spaces) and the names of mapped attributes go into their claims; any other one is a claim. `expires` is in seconds.
 *   `jkt` is the thumbprint of the DPoP key to which the token is bound.
 *   An empty `tenant` is none
 * @param more claims that are no texts
 * @throws {Error} if the configuration has no JWT issuers
 */
export async function issueJwt(
  parameters: URLSearchParams,
  parts: CredentialParts,
  more: UnknownObject = {},
): Promise<string> {
  const issuers = parts.config.jwt?.issuers ?? [];
  const issuer = issuers.find((each) => issuersOf(each).includes(parameters.get("iss") ?? "")) ?? issuers[0];
  if (!issuer) throw new Error("The configuration has no `jwt`.");
  const claims = claimsOf(issuer, parameters, more);
  const [algorithm = "RS256"] = issuer.algorithms;
  const [type = "JWT"] = issuer.types ?? [];
  if (!algorithm.startsWith("HS")) return parts.openId.signAs(algorithm, type, claims);
  const header = { alg: algorithm, typ: type };
  return new SignJWT(claims).setProtectedHeader(header).sign(Buffer.from(parts.sharedSecret));
}

function claimsOf(issuer: JwtIssuer, parameters: URLSearchParams, more: UnknownObject = {}): Record<string, unknown> {
  const { expires = "600", jkt, ...given } = Object.fromEntries(parameters);
  const now = Math.floor(Date.now() / 1000);
  const claims: Record<string, unknown> = {
    ...(jkt !== undefined && { cnf: { jkt } }),
    ...{ iss: issuersOf(issuer)[0], aud: issuer.audience?.[0] ?? LOCAL.audience },
    ...{ iat: now, nbf: now, exp: now + secondsOf(expires) },
    ...(issuer.tenantIds && { tid: issuer.tenantIds[0] }),
    ...more,
    ...requiredOf(issuer),
  };
  put(claims, issuer.claims.client[0] ?? "client_id", issuer.clientIds?.[0] ?? LOCAL.webClient);
  for (const [name, value] of Object.entries({ ...usualValues(issuer, claims), ...given })) {
    if (name === "tenant" && value === "") continue;
    put(claims, claimOf(issuer, name), name === "roles" ? value.split(" ") : value);
  }
  return claims;
}

/**
 * Issues an opaque token for Alice, of which the local introspection server says what a JWT would have said.
 *
 * @param parameters as for `issueJwt`; `revoked=true` makes it one that was revoked
 * @throws {Error} if no issuer of the configuration has opaque tokens
 */
export async function issueOpaque(
  parameters: URLSearchParams,
  { config, identities }: CredentialParts,
): Promise<string> {
  const issuers = opaqueIssuers(config);
  const issuer = issuers.find((each) => issuersOf(each).includes(parameters.get("iss") ?? "")) ?? issuers[0];
  if (!issuer) throw new Error("The configuration has no `introspection` of opaque tokens.");
  const isRevoked = parameters.get("revoked") === "true";
  parameters.delete("revoked");
  const claims = { ...claimsOf(issuer, parameters), ...(isRevoked && { active: false }) };
  return opaqueToken(claims, identities, prefixesOf(issuer)[0] ?? "");
}

/** Alice of acme, but for what the issuer requires to be otherwise. */
function usualValues(issuer: JwtIssuer, claims: UnknownObject): Record<string, string> {
  const { trustDomain } = issuer;
  const sub = trustDomain === undefined ? "alice" : `spiffe://${trustDomain}/alice`;
  return Object.fromEntries(
    Object.entries({ sub, tenant: "acme" }).filter(([name]) => readClaim(claims, claimOf(issuer, name)) === undefined),
  );
}

function requiredOf({ requiredClaims }: JwtIssuer): Record<string, unknown> {
  return Object.fromEntries(Object.entries(requiredClaims).map(([name, value]) => [name, exampleOf(value)]));
}

/** A value that meets a requirement. */
function exampleOf(required: RequiredClaim): unknown {
  const [first] = acceptedValues(required);
  return typeof first === "string" ? first.replaceAll("*", "local") : first;
}

/** The claim that holds a property of the caller. */
function claimOf({ claims }: JwtIssuer, name: string): ClaimPath {
  switch (name) {
    case "sub":
      return claims.subject;
    case "tenant":
      return claims.tenant ?? name;
    case "scope":
      return claims.scopes[0] ?? name;
    case "roles":
      return claims.roles[0] ?? name;
    default:
      return (Object.hasOwn(claims.attributes, name) ? claims.attributes[name] : undefined) ?? name;
  }
}

function put(claims: Record<string, unknown>, path: ClaimPath, value: unknown): void {
  const names = [path].flat();
  const last = names.pop() ?? "";
  let inner = claims;
  for (const name of names) {
    const next = Object.hasOwn(inner, name) && typeof inner[name] === "object" ? inner[name] : {};
    inner[name] = next;
    inner = next as Record<string, unknown>;
  }
  inner[last] = value;
}

/**
 * Issues an assertion for Alice of the tenant acme, as an identity provider of the configuration would.
 *
 * @param parameters `issuer` chooses the identity provider, by default the first. `sub`, `tenant`, `scopes` and `roles`
 *   (separated by spaces) and the names of mapped attributes go into their attributes; any other one is an attribute.
 *   `expires` is in seconds, `form` is `deflate`, `response` or `encrypted`, and `once=true` makes it one-time
 * @throws {Error} if the configuration has no identity providers, or does not accept encrypted assertions
 */
export function issueAssertion(parameters: URLSearchParams, { config, identities }: CredentialParts): string {
  const { saml } = config;
  const providers = saml?.identityProviders ?? [];
  const provider = providers.find((each) => each.issuer === parameters.get("issuer")) ?? providers[0];
  if (!saml || !provider) throw new Error("The configuration has no `saml`.");
  const {
    sub = "alice",
    expires = "300",
    form,
    once,
    issuer = provider.issuer,
    ...given
  } = Object.fromEntries(parameters);
  const attributes: Record<string, string | string[]> = {};
  if (provider.attributes.subject !== undefined) attributes[provider.attributes.subject] = sub;
  if (provider.attributes.tenant !== undefined) attributes[provider.attributes.tenant] = "acme";
  for (const [name, value] of Object.entries(given)) {
    attributes[attributeOf(provider, name)] = name === "roles" ? value.split(" ") : value;
  }
  const options = {
    ...{ issuer, subject: sub, audience: saml.audience[0] ?? "", recipient: saml.recipients[0] ?? "" },
    ...{ time: Math.floor(Date.now() / 1000), lifetime: secondsOf(expires), id: `_${randomUUID()}` },
    ...{ attributes, oneTimeUse: once === "true" || provider.replay === "once" },
  };
  return issueSamlCredential(identities.saml, options, {
    ...formOf(form, identities.samlEncryption.certificate),
    algorithm: signatureOf(provider),
  });
}

/** The algorithm by which the local identity provider, whose key is of RSA, signs for an entry. */
export const signatureOf = ({ algorithms }: Pick<SamlIdentityProvider, "algorithms">) =>
  algorithms.find((name) => name.startsWith("rsa-") && name !== "rsa-sha1") ?? "rsa-sha256";

/** The attribute that holds a property of the caller. */
export function attributeOf({ attributes: mapped }: Pick<SamlIdentityProvider, "attributes">, name: string): string {
  if (name === "tenant") return mapped.tenant ?? name;
  if (name === "scopes" || name === "scope") return mapped.scopes[0] ?? name;
  if (name === "roles") return mapped.roles[0] ?? name;
  return (Object.hasOwn(mapped.attributes, name) ? mapped.attributes[name] : undefined) ?? name;
}

/** The form of an assertion; base64 by default. */
function formOf(form: string | undefined, ourCertificate: string): CredentialForm {
  if (form === "deflate") return { encoding: "deflate" };
  if (form === "response") return { message: "response", encoding: "deflate" };
  if (form === "encrypted") return { message: "response", encoding: "deflate", encryptFor: ourCertificate };
  if (form === undefined) return {};
  throw new Error("`form` is deflate, response or encrypted.");
}

/**
 * Issues an API key of the tenant acme, which ends after a quarter of an hour.
 *
 * @param parameters `scope` and `role` (separated by spaces), `tenant` (empty: none), `address` (may be repeated) and `status`
 *   (`revoked` or `disabled`)
 * @throws {Error} if the configuration has no API keys
 */
export async function issueKey(parameters: URLSearchParams, { config, identities }: CredentialParts): Promise<string> {
  const { apiKeys } = config;
  if (!apiKeys) throw new Error("The configuration has no `apiKeys`.");
  const status = parameters.get("status") ?? "active";
  if (!["active", "revoked", "disabled"].includes(status)) {
    throw wrongParameter("status", status, "active, revoked or disabled");
  }
  // The hash of the key needs the pepper, which the configuration takes from the environment.
  Object.assign(process.env, localSecrets(identities));
  const table = dynamoDbKeyTable(apiKeys.table);
  const change = { by: "local stack", time: Math.floor(Date.now() / 1000) };
  const options = {
    ...{ name: "Local partner", expiresIn: 900 },
    ...(parameters.get("tenant") !== "" && { tenant: parameters.get("tenant") ?? "acme" }),
    ...{
      scopes: words(parameters, "scope"),
      roles: words(parameters, "role"),
      addresses: parameters.getAll("address"),
    },
  };
  const { key, record } = await issueApiKey(options, apiKeys, table, change);
  if (status === "revoked") await revokeKey(table, record.id, change);
  if (status === "disabled") await disableKey(table, record.id, change);
  return key;
}

/** Seconds from now; before a minus sign, seconds ago. */
function secondsOf(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw wrongParameter("expires", text, "whole seconds from now, such as 600 or -60");
  return Number(text);
}

const wrongParameter = (name: string, found: string, allowed: string) =>
  new Error(`${name}: found ${printable(found) ?? "another text"}, allowed is ${allowed}.`);

const words = (parameters: URLSearchParams, name: string) => parameters.get(name)?.split(" ") ?? [];
