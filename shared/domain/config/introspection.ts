import * as v from "valibot";
import { oneOrMore, seconds, secureUrl, text } from "./common.ts";
import { secretSource } from "./secret.ts";

/** Algorithms for the signature of `private_key_jwt`. */
const ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"] as const;

const pemCertificate = v.pipe(
  v.string(),
  v.regex(/^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/, "a certificate in PEM"),
);

/** How the authorizer proves to the server who asks. RFC 7662 section 2.1 leaves the method to the server. */
const client = v.union(
  [
    v.strictObject({
      /** The authorizer's client ID at the server. */
      clientId: text,
      /** The place of the client's secret, for `client_secret_basic` (RFC 6749 section 2.3.1). */
      secret: secretSource,
    }),
    v.strictObject({
      /** The authorizer's client ID at the server. */
      clientId: text,
      /**
       * The place of a private key, for `private_key_jwt` (RFC 7523 section 2.2). PKCS #8 in PEM, or a JWK. The server
       * knows its public key.
       */
      privateKey: secretSource,
      /** Algorithm of the signatures. Default: `RS256`. */
      algorithm: v.optional(v.picklist(ASSERTION_ALGORITHMS), "RS256"),
      /** The `kid` of the signatures. Default: none. */
      keyId: v.optional(text),
      /**
       * The `aud` of the signatures. Default: the issuer, as current practice has it. Some servers want the URL of their
       * token endpoint.
       */
      audience: v.optional(text),
    }),
    v.strictObject({
      /** The authorizer's client ID at the server. */
      clientId: text,
      /** The certificate with which the authorizer connects, for mutual TLS (RFC 8705 section 2). */
      tls: v.strictObject({
        /** The certificate in PEM, and those of its chain behind it. */
        certificate: pemCertificate,
        /** The place of the certificate's private key, PKCS #8 in PEM. */
        key: secretSource,
      }),
    }),
  ],
  "one of { clientId, secret }, { clientId, privateKey }, { clientId, tls }",
);

/**
 * The start of a token (RFC 6750 section 2.1, `b64token`). A JWT starts with `ey`, or with `ew` if its header has a line
 * break; an assertion in base64 with `P` and a letter up to `P`. None of them may be taken for an opaque token.
 */
const prefix = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._~+/-]{2,64}$/, "2 to 64 letters, digits or any of '._~+/-'"),
  v.check((value) => !/^e[yw]/.test(value), "a prefix that no JWT has"),
  v.check((value) => !/^P[A-P][A-Za-z0-9+/]*$/.test(value), "a prefix that no SAML assertion has"),
);

const section = v.strictObject({
  /**
   * The tokens that the server is asked about. `opaque`: every bearer token that is no JWT and belongs to nobody else;
   * only one entry may say so. `{ prefix }`: tokens that start with one of these texts. `jwt`: the issuer's JWTs, after
   * their signatures are verified with `keys`. Default: `opaque`.
   *
   * @example { prefix: "ory_at_" }
   */
  tokens: v.optional(
    v.union(
      [
        v.picklist(["opaque", "jwt"]),
        v.strictObject({
          /** What the tokens start with: one text or a list, each of 2 to 64 characters. No two entries may share a start. */
          prefix: oneOrMore(prefix),
        }),
      ],
      '"opaque", "jwt" or { prefix: TEXT }',
    ),
    "opaque",
  ),
  /**
   * URL of the introspection endpoint. https, or http on loopback. Default: the `introspection_endpoint` of the issuer's
   * discovery document.
   *
   * @example "https://id.example.com/oauth2/introspect"
   */
  endpoint: v.optional(secureUrl),
  /** How the authorizer authenticates at the endpoint: by a secret, by signatures, or by a certificate. */
  client,
  /**
   * Seconds for which an answer about an active token is used again, 0 to 300. It ends earlier with the token. A token
   * that is revoked is accepted for as long. 0: the server is asked for every decision. Default: 30.
   */
  cacheAge: v.optional(seconds(0, 300), 30),
});

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface IntrospectionSchema extends Section {}

/** Introspection of an issuer's tokens (RFC 7662). */
export const introspection: IntrospectionSchema = section;

export type IntrospectionConfig = v.InferOutput<typeof introspection>;
export type IntrospectionClient = IntrospectionConfig["client"];

interface Entry {
  readonly introspection?: IntrospectionConfig | undefined;
}

/** The prefixes of one entry's opaque tokens. */
export const prefixesOf = ({ introspection }: Entry): readonly string[] =>
  typeof introspection?.tokens === "object" ? introspection.tokens.prefix : [];

/** Whether the server is asked about the issuer's JWTs. */
export const isForSignedTokens = ({ introspection }: Entry): boolean => introspection?.tokens === "jwt";

/** Whether an entry has opaque tokens, and so needs no keys. */
export const isForOpaqueTokens = ({ introspection }: Entry): boolean =>
  introspection !== undefined && introspection.tokens !== "jwt";

/** Whether some text that starts so is a token of the entry by its prefix. */
export const claimsStart = (entry: Entry, start: string): boolean =>
  prefixesOf(entry).some((known) => start.startsWith(known) || known.startsWith(start));

/** Two entries that claim one token, by their indexes. `what` is the prefix that they share; absent: all of them. */
export interface DoubleClaim {
  readonly index: number;
  readonly other: number;
  readonly prefix?: string;
}

/** Finds entries that claim one token: at most one entry decides about a token, whatever the order of the entries. */
export function doubleClaims(entries: readonly Entry[]): DoubleClaim[] {
  const found: DoubleClaim[] = [];
  for (const [index, entry] of entries.entries()) {
    for (const [other, earlier] of entries.slice(0, index).entries()) {
      if (entry.introspection?.tokens === "opaque" && earlier.introspection?.tokens === "opaque")
        found.push({ index, other });
      const shared = prefixesOf(entry).find((start) => claimsStart(earlier, start));
      if (shared !== undefined) found.push({ index, other, prefix: shared });
    }
  }
  return found;
}
