import * as v from "valibot";
import { DEFAULT_CLOCK_TOLERANCE, MAX_CLOCK_TOLERANCE } from "../time/clock-tolerance.ts";
import {
  attributeName,
  claimPath,
  eachOnce,
  fixedValues,
  isSecureUrl,
  oneOrMore,
  seconds,
  senderConstraint,
  text,
} from "./common.ts";
import { doubleClaims, introspection } from "./introspection.ts";
import { keysByUrl, keysInside } from "./jwk-set.ts";
import { resolveIssuer } from "./jwt-issuer.ts";
import { needsPresets, presetRules } from "./preset-rules.ts";
import { type ClaimMapping, JWT_PRESET_NAMES } from "./preset-types.ts";
import { type RequiredClaims, requiredClaims } from "./required-claims.ts";
import { secretSource } from "./secret.ts";

/** Signature algorithms with a public key. */
export const ASYMMETRIC = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;
const SYMMETRIC = ["HS256", "HS384", "HS512"] as const;

/** The source of the issuer's keys. */
const keys = v.union(
  [
    v.strictObject({
      /**
       * `true`: the keys are at the `jwks_uri` of the issuer's discovery document, `/.well-known/openid-configuration`
       * or `/.well-known/oauth-authorization-server` (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3).
       */
      discovery: v.literal(true),
    }),
    keysByUrl,
    keysInside,
    v.strictObject({
      /** The place of a shared secret for HS256, HS384 or HS512. It has at least 32 bytes. */
      secret: secretSource,
    }),
  ],
  "one of { discovery: true }, { jwksUri }, { jwks }, { secret }",
);

/** A GUID. Tokens have it in lower case. */
const tenantId = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.regex(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    "the id of a tenant, such as 8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
  ),
);

const claims = v.strictObject({
  /** Claim that identifies the caller. Default: that of the preset, or `sub`. */
  subject: v.optional(claimPath),
  /**
   * Claim that names the caller's tenant. Default: that of the preset, or none.
   *
   * @example ["app_metadata", "tenant"]
   */
  tenant: v.optional(claimPath),
  /**
   * Claims that hold scopes. Each is a space-delimited string or an array of strings (RFC 8693 section 4.2; `scp` of
   * Microsoft Entra). Default: those of the preset, or `scope` and `scp`.
   */
  scopes: v.optional(v.array(claimPath)),
  /**
   * Claims that hold roles or groups. Each is a string, which is one role with all its spaces, or an array of strings.
   * Default: those of the preset, or none.
   *
   * @example ["roles", ["realm_access", "roles"]]
   */
  roles: v.optional(v.array(claimPath)),
  /**
   * Claims that name the client which the token was issued to, for `clientIds`. The first that a token has counts.
   * Default: those of the preset, or `client_id`, `azp` and `cid`.
   */
  client: v.optional(v.pipe(v.array(claimPath), v.minLength(1))),
  /**
   * Claim that says whether the caller is a `user` or a `client`, if `kind` is `auto`. A token without it has an unknown
   * kind. Default: that of the preset, or none.
   */
  kind: v.optional(claimPath),
  /**
   * Claim with the CIDR ranges from which the token may be used, an array of strings. Default: that of the preset, or
   * none.
   */
  addresses: v.optional(claimPath),
  /** Claim that holds the value of an API Gateway API key, for usage plans. Default: none. */
  usageIdentifierKey: v.optional(claimPath),
  /**
   * Claims for the backend: name in the backend's context → claim. The value is a string, a number or a boolean. They
   * are added to those of the preset. Default: none.
   *
   * @example { email: "email", plan: ["app_metadata", "plan"] }
   */
  attributes: v.optional(v.record(attributeName, claimPath)),
});

const entry = v.strictObject({
  /**
   * The `iss` claim, exactly as it is in the token.
   *
   * @example "https://id.example.com"
   */
  issuer: text,
  /**
   * The issuer's product. It sets the options that this entry leaves out, by what the product's documentation says of
   * its tokens. An option of the entry replaces the preset's; `claims.attributes` and `requiredClaims` replace them
   * name by name. Default: none.
   */
  preset: v.optional(v.picklist(JWT_PRESET_NAMES)),
  /**
   * Ids of the tenants of Microsoft Entra that are accepted, with `{tenantid}` in the place of the id in `issuer`.
   * The issuer of a token must be that of its `tid`. Only with the presets `entra-v1` and `entra-v2`. Default: none.
   *
   * @example ["8eaef023-2b34-4da1-9baa-8bc8c9d6a490"]
   */
  tenantIds: v.optional(v.pipe(v.array(tenantId), v.minLength(1))),
  /**
   * The trust domain of SPIFFE whose workloads are accepted, if `issuer` does not name it. Only with the preset
   * `spiffe`. Default: that of `issuer`, such as `spiffe://example.org`.
   */
  trustDomain: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9._-]{1,255}$/, "a trust domain such as example.org"))),
  /**
   * Accepted audiences. The `aud` claim must name at least one of them. Without it, tokens for any audience are
   * accepted, and `config check` warns.
   */
  audience: v.optional(oneOrMore(text)),
  /**
   * Accepted clients: the token was issued to one of them, by the claim that `claims.client` names. Access tokens of
   * Cognito have this instead of an audience. Default: any.
   *
   * @example ["1example23456789"]
   */
  clientIds: v.optional(oneOrMore(text)),
  /**
   * Accepted values of the `alg` header. HS algorithms need `keys` with a `secret`. A key without `alg` verifies only
   * the first of these algorithms that fits it: with `["RS256", "PS256"]`, an RSA key without `alg` verifies RS256
   * only. Default: those of the preset, or `RS256`.
   *
   * @example ["PS256"]
   */
  algorithms: v.optional(v.pipe(v.array(v.picklist([...ASYMMETRIC, ...SYMMETRIC])), v.minLength(1))),
  /**
   * The source of the issuer's keys. Default: that of the preset, or `{ discovery: true }`. An entry with
   * `introspection` of opaque tokens has no default: without `keys` it accepts no JWTs.
   */
  keys: v.optional(keys),
  /**
   * Accepted values of the `typ` header, without the prefix `application/` (RFC 9068 section 2.1). Default: those of
   * the preset, or tokens without `typ` and those with `JWT`, `JOSE` or `at+jwt`, except tokens that a claim marks as another kind, such as
   * an ID token.
   *
   * @example ["at+jwt"]
   */
  types: v.optional(v.pipe(v.array(text), v.minLength(1))),
  /**
   * Whether a token proves a `user` or a `client`. `auto` decides by the claims of the token (RFC 9068 section 2.2
   * and claims of known vendors); the kind is `unknown` if they are unclear. Default: that of the preset, or `auto`.
   */
  kind: v.optional(v.picklist(["auto", "user", "client"])),
  /** Which claim holds which property of the caller. A claim is a name, or a list of names into nested objects. */
  claims: v.optional(claims, {}),
  /**
   * Claims that a token must have: name of a top-level claim → its value, a list of accepted values, or
   * `{ like: PATTERN }`. Default: those of the preset, or none.
   *
   * @example { sub: { like: "repo:acme/*:ref:refs/heads/main" } }
   */
  requiredClaims: v.optional(requiredClaims, {}),
  /** Values that every caller of this issuer has, whatever the token says. */
  fixed: v.optional(fixedValues, {}),
  /** Seconds by which `nbf` and `iat` may lie in the future, 0 to 300. It never extends `exp`. Default: 5. */
  clockTolerance: v.optional(seconds(0, MAX_CLOCK_TOLERANCE), DEFAULT_CLOCK_TOLERANCE.jwt),
  /** Seconds since `iat` after which a token is refused, even if its `exp` is later. Default: no limit. */
  maxTokenAge: v.optional(seconds(1, 31_536_000)),
  /**
   * Refuses tokens that are not bound to a key of their sender: `mtls` asks for a token that is bound to a client
   * certificate (RFC 8705), `dpop` for one that is bound to a DPoP key (RFC 9449), `any` for either. A token that is
   * bound is always verified so. Default: tokens that are not bound are accepted too.
   *
   * @example "dpop"
   */
  senderConstrained: v.optional(senderConstraint),
  /**
   * Asks the issuer's server about each token (RFC 7662): for opaque tokens, and for JWTs that are revoked before their
   * end. Default: JWTs are verified by their signature alone, and opaque tokens are not accepted.
   */
  introspection: v.optional(introspection),
});

type Entry = typeof entry;
/** Has a name so that the published types do not copy it. */
interface EntrySchema extends Entry {}
const writtenEntry: EntrySchema = entry;
type WrittenEntry = v.InferOutput<EntrySchema>;
/** What a preset, or else a default, sets if the entry does not. */
interface ResolvedOptions {
  readonly algorithms: NonNullable<WrittenEntry["algorithms"]>;
  /** Absent: no JWTs are accepted. */
  readonly keys?: WrittenEntry["keys"];
  readonly kind: NonNullable<WrittenEntry["kind"]>;
  readonly claims: ClaimMapping;
  readonly requiredClaims: RequiredClaims;
}
/** An issuer with every option that a preset or a default sets. */
export interface JwtIssuer extends Omit<WrittenEntry, keyof ResolvedOptions>, ResolvedOptions {}

const jwtIssuer = v.pipe(
  writtenEntry,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const input = resolveIssuer(dataset.value);
    for (const { option, message } of [
      ...presetMistakes(dataset.value),
      ...keyMistakes(input),
      ...introspectionMistakes(input),
    ]) {
      addIssue({ message, path: [{ type: "object", origin: "value", input, key: option, value: input[option] }] });
    }
  }),
  v.transform((written): JwtIssuer => resolveIssuer(written)),
);

const presetMistakes = (written: WrittenEntry) => (needsPresets(written) ? presetRules().mistakes(written) : []);

function keyMistakes({ issuer, algorithms, keys: source }: JwtIssuer) {
  if (!source) return [];
  const isFitting = algorithms.every((algorithm) => algorithm.startsWith("HS") === "secret" in source);
  const isFound = !("discovery" in source) || isSecureUrl(issuer) || issuer.startsWith("spiffe:");
  return [
    ...(isFitting
      ? []
      : [
          {
            option: "algorithms" as const,
            message: "HS algorithms with a `secret`, all others with public keys; one entry cannot have both",
          },
        ]),
    ...(isFound
      ? []
      : [{ option: "issuer" as const, message: "an https URL, because the keys come from its discovery document" }]),
  ];
}

function introspectionMistakes({ issuer, tenantIds, introspection: asked }: JwtIssuer) {
  const isFound = !asked || asked.endpoint !== undefined || isSecureUrl(issuer);
  const address = "an https URL, because the introspection endpoint comes from its discovery document";
  const many = "nothing, with `tenantIds`: one server is asked, and answers for one issuer";
  return [
    ...(isFound ? [] : [{ option: "issuer" as const, message: address }]),
    ...(asked && tenantIds ? [{ option: "introspection" as const, message: many }] : []),
  ];
}

const section = v.strictObject({
  /** Accepted issuers. Each has one entry with its own keys, algorithms and claim names. */
  issuers: v.pipe(
    v.array(jwtIssuer),
    v.minLength(1),
    eachOnce("issuer", "each issuer once"),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const items = dataset.value;
      for (const { index, other, prefix = "the opaque tokens" } of doubleClaims(items)) {
        const value = items[index];
        const tokens = value?.introspection?.tokens;
        addIssue({
          message: `tokens that no other entry claims, and [${other}] claims ${prefix}`,
          path: [
            { type: "array", origin: "value", input: items, key: index, value },
            { type: "object", origin: "value", input: { ...value }, key: "introspection", value: value?.introspection },
            { type: "object", origin: "value", input: { tokens }, key: "tokens", value: tokens },
          ],
        });
      }
    }),
  ),
  /**
   * Maximum length of a token in characters, 256 to 10240. API Gateway accepts 10240 bytes for all headers together.
   * Default: 8192.
   */
  maxLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(256), v.maxValue(10_240)), 8192),
});

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface JwtSchema extends Section {}
export const jwtConfig: JwtSchema = section;

export type JwtConfig = v.InferOutput<typeof jwtConfig>;

/** An entry whose issuer signs JWTs: one for opaque tokens alone has no keys. */
export type SigningIssuer = JwtIssuer & { readonly keys: NonNullable<JwtIssuer["keys"]> };

export const signsTokens = (entry: JwtIssuer): entry is SigningIssuer => entry.keys !== undefined;
