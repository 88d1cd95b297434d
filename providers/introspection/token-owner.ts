import { isForOpaqueTokens, isForSignedTokens, prefixesOf } from "../../shared/domain/config/introspection.ts";
import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import type { Config } from "../../shared/domain/config/schema.ts";

/** The sections that say whose a bearer value is. */
export type TokenSections = Pick<Config, "jwt" | "saml" | "apiKeys">;

/**
 * Fewer characters than any signed assertion has: its signature alone takes more. Shorter values that begin like the
 * base64 of XML are opaque tokens, of which one in 256 begins so by chance.
 */
const ASSERTION_LENGTH = 512;

/** An entry whose issuer's server is asked about tokens. */
export type AskedIssuer = JwtIssuer & { readonly introspection: NonNullable<JwtIssuer["introspection"]> };

export const isAsked = (entry: JwtIssuer): entry is AskedIssuer => entry.introspection !== undefined;

const isForOpaque = (entry: JwtIssuer): entry is AskedIssuer => isForOpaqueTokens(entry);

/** Whether the server is asked about an entry's JWTs. */
export const isAskedAboutJwts = <Entry extends JwtIssuer>(entry: Entry): entry is Entry & AskedIssuer =>
  isForSignedTokens(entry);

/** The entries for opaque tokens. */
export const opaqueIssuers = ({ jwt }: TokenSections): AskedIssuer[] => (jwt?.issuers ?? []).filter(isForOpaque);

/**
 * Finds the entry that a bearer value belongs to, by its shape alone: at most one, as the configuration's check sees to.
 * A prefix goes first. What is left goes to the entry for opaque tokens, unless it is an API key, or has a dot, as a JWT
 * has, or is long and begins like an assertion.
 */
export function tokenOwner(config: TokenSections): (value: string) => AskedIssuer | undefined {
  const entries = opaqueIssuers(config);
  const byPrefix = entries.flatMap((entry) => prefixesOf(entry).map((prefix) => ({ prefix, entry })));
  const rest = entries.find(({ introspection }) => introspection.tokens === "opaque");
  const keys = config.apiKeys && `${config.apiKeys.prefix}_`;
  const isAnothers = (value: string) =>
    value.includes(".") ||
    (keys !== undefined && value.startsWith(keys)) ||
    (config.saml !== undefined && value.length >= ASSERTION_LENGTH && /^P[A-P]/.test(value));
  return (value) =>
    byPrefix.find(({ prefix }) => value.startsWith(prefix))?.entry ?? (isAnothers(value) ? undefined : rest);
}
