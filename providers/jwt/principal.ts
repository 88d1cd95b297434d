import { canonicalRange } from "../../shared/domain/address/address-range.ts";
import type { ClaimPath } from "../../shared/domain/config/common.ts";
import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import { isIdentifier, isName, isScopeToken } from "../../shared/domain/principal/name.ts";
import { type AttributeValue, PRINCIPAL_KINDS, type Principal } from "../../shared/domain/principal/principal.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import { authenticationOf } from "./authentication.ts";
import { readClaim } from "./claim-path.ts";
import type { Claims } from "./compact.ts";
import { issuerOf } from "./issuer-entry.ts";
import { kindOf } from "./kind.ts";

const MAX_ITEMS = 256;

/**
 * Makes a principal of the claims of a token whose signature holds, or that its server calls active.
 *
 * @param provider who verified the token
 * @throws {Refusal} `token_subject_missing`, `token_claim_invalid`
 */
export function principalOf(claims: Claims, entry: JwtIssuer, provider = "jwt"): Principal {
  const { claims: mapping, fixed } = entry;
  const subject = readClaim(claims, mapping.subject);
  demand(isIdentifier(subject), "token_subject_missing");
  const tenant = fixed.tenant ?? optionalName(mapping.tenant && readClaim(claims, mapping.tenant));
  const usageIdentifierKey = optionalName(mapping.usageIdentifierKey && readClaim(claims, mapping.usageIdentifierKey));
  return withoutUndefined({
    provider,
    subject,
    ...kindIn(claims, entry),
    issuer: issuerOf(claims, entry),
    tenant,
    scopes: collect(mapping.scopes, claims, scopesOf, fixed.scopes),
    roles: collect(mapping.roles, claims, rolesOf, fixed.roles),
    addresses: mapping.addresses === undefined ? undefined : rangesOf(readClaim(claims, mapping.addresses)),
    authentication: authenticationOf(claims, entry.clockTolerance),
    issuedAt: typeof claims.iat === "number" ? Math.floor(claims.iat) : undefined,
    tokenId: tokenIdOf(claims),
    expiresAt: endOf(claims, entry),
    attributes: attributesOf(claims, mapping.attributes),
    usageIdentifierKey,
  });
}

function kindIn(claims: Claims, { kind, claims: mapping }: JwtIssuer): Pick<Principal, "kind" | "kindFrom"> {
  if (kind !== "auto") return { kind, kindFrom: "configuration" };
  if (!mapping.kind) return kindOf(claims);
  const said = readClaim(claims, mapping.kind) ?? "unknown";
  const found = PRINCIPAL_KINDS.find((each) => each === said);
  demand(found, "token_claim_invalid");
  return { kind: found, kindFrom: "claim" };
}

/** Ranges that a token is limited to. One that cannot be read is refused: it must not widen the others. */
function rangesOf(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  demand(Array.isArray(value) && value.length <= MAX_ITEMS, "token_claim_invalid");
  return value.map((range: unknown) => {
    const canonical = typeof range === "string" ? canonicalRange(range) : undefined;
    demand(canonical !== undefined, "token_claim_invalid");
    return canonical;
  });
}

/**
 * The first second at which `checkClaims` refuses the token: it has expired, or is older than `maxTokenAge`. Undefined
 * if nothing says when an opaque token ends.
 */
function endOf({ exp, iat }: Claims, { maxTokenAge }: JwtIssuer): number | undefined {
  const expiry = exp === undefined ? undefined : Math.floor(Number(exp));
  if (maxTokenAge === undefined) return expiry;
  return Math.min(expiry ?? Number.POSITIVE_INFINITY, Math.floor(Number(iat) + maxTokenAge) + 1);
}

/**
 * The token's own id (RFC 7519 section 4.1.7). What is no text is none, by which nobody could revoke the token. Text that
 * UTF-8 cannot write would be that of another token in a table.
 */
function tokenIdOf({ jti }: Claims): string | undefined {
  if (typeof jti !== "string" || jti === "") return undefined;
  demand(jti.isWellFormed(), "token_claim_invalid");
  return jti;
}

function optionalName(value: unknown): string | undefined {
  demand(value === undefined || isName(value), "token_claim_invalid");
  return value;
}

function collect(
  paths: readonly ClaimPath[],
  claims: Claims,
  itemsOf: (value: unknown) => readonly unknown[],
  fixed: readonly string[] = [],
): string[] {
  const items = new Set(fixed);
  for (const path of paths) {
    const value = readClaim(claims, path);
    for (const item of value === undefined ? [] : itemsOf(value)) {
      demand(isName(item), "token_claim_invalid");
      items.add(item);
    }
  }
  demand(items.size <= MAX_ITEMS, "token_claim_invalid");
  return [...items];
}

/** A space-delimited text (RFC 8693 section 4.2) or an array; each a scope-token (RFC 6749 section 3.3). */
function scopesOf(value: unknown): readonly unknown[] {
  const items: readonly unknown[] = typeof value === "string" ? value.split(" ").filter(Boolean) : [value].flat();
  demand(items.every(isScopeToken), "token_claim_invalid");
  return items;
}

const rolesOf = (value: unknown): readonly unknown[] => [value].flat();

function attributesOf(claims: Claims, mapping: Readonly<Record<string, ClaimPath>>): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const [name, path] of Object.entries(mapping)) {
    const value = readClaim(claims, path);
    if (value === undefined) continue;
    const isScalar =
      typeof value === "boolean" ||
      Number.isFinite(value) ||
      (typeof value === "string" && value.length <= 1024 && value.isWellFormed());
    demand(isScalar, "token_claim_invalid");
    attributes[name] = value as AttributeValue;
  }
  return attributes;
}
