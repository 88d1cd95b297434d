import * as v from "valibot";
import { DEFAULT_CLOCK_TOLERANCE, MAX_CLOCK_TOLERANCE } from "../time/clock-tolerance.ts";
import { attributeName, claimPath, eachOnce, fixedValues, oneOrMore, seconds, secureUrl, text } from "./common.ts";
import { secretSource } from "./secret.ts";

const ASYMMETRIC = [
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

/** Where the issuer's keys come from. */
const keys = v.union(
  [
    /** `jwks_uri` of the issuer's discovery document (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3). */
    v.strictObject({ discovery: v.literal(true) }),
    v.strictObject({ jwksUri: secureUrl }),
    /** A JWK Set in place (RFC 7517 section 5). */
    v.strictObject({
      jwks: v.looseObject({ keys: v.pipe(v.array(v.looseObject({ kty: v.string() })), v.minLength(1)) }),
    }),
    /** A shared secret, for HS256 and its like. */
    v.strictObject({ secret: secretSource }),
  ],
  "one of { discovery: true }, { jwksUri }, { jwks }, { secret }",
);

const claims = v.strictObject({
  subject: v.optional(claimPath, "sub"),
  tenant: v.optional(claimPath),
  /** Each claim is a space-delimited string or an array of strings (RFC 8693 section 4.2; Entra's `scp`). */
  scopes: v.optional(v.array(claimPath), ["scope", "scp"]),
  roles: v.optional(v.array(claimPath), []),
  usageIdentifierKey: v.optional(claimPath),
  /** Attribute name in the context → claim. */
  attributes: v.optional(v.record(attributeName, claimPath), {}),
});

export const jwtIssuer = v.pipe(
  v.strictObject({
    issuer: text,
    /** Absent: any audience is accepted, which `config check` warns of. */
    audience: v.optional(oneOrMore(text)),
    algorithms: v.optional(v.pipe(v.array(v.picklist([...ASYMMETRIC, ...SYMMETRIC])), v.minLength(1)), ["RS256"]),
    keys: v.optional(keys, { discovery: true }),
    /**
     * Allowed values of the `typ` header, without `application/` (RFC 9068 section 2.1: `at+jwt`). Absent: none, `JWT`, `JOSE` and `at+jwt`, and no
     * token that a claim announces as another kind, such as an ID token.
     */
    types: v.optional(v.pipe(v.array(text), v.minLength(1))),
    /** `auto`: by what the issuer says in the token (RFC 9068 section 2.2 and vendors' own claims); `unknown` if it says nothing clear. */
    kind: v.optional(v.picklist(["auto", "user", "client"]), "auto"),
    claims: v.optional(claims, {}),
    /** Claims that must have this value, or one of these. */
    requiredClaims: v.optional(v.record(text, v.union([v.string(), v.boolean(), v.number(), v.array(v.string())])), {}),
    fixed: v.optional(fixedValues, {}),
    /** Seconds by which `nbf` and `iat` may lie in the future. Never extends `exp`. */
    clockTolerance: v.optional(seconds(0, MAX_CLOCK_TOLERANCE), DEFAULT_CLOCK_TOLERANCE.jwt),
    /** Seconds since `iat` after which a token is refused, whatever its `exp`. */
    maxTokenAge: v.optional(seconds(1, 31_536_000)),
  }),
  v.forward(
    v.check(
      ({ algorithms, keys: source }) =>
        algorithms.every((algorithm) => algorithm.startsWith("HS") === "secret" in source),
      "HS algorithms with a `secret`, all others with public keys, never both in one entry",
    ),
    ["algorithms"],
  ),
  v.forward(
    v.check(
      ({ issuer, keys: source }) => !("discovery" in source) || secureUrl.pipe[1].requirement(issuer),
      "an https URL, because its keys are found by discovery",
    ),
    ["issuer"],
  ),
);

export const jwtConfig = v.strictObject({
  issuers: v.pipe(
    v.array(jwtIssuer),
    v.minLength(1),
    eachOnce(({ issuer }) => issuer, "each issuer once"),
  ),
  /** Characters; API Gateway passes 10,240 bytes of headers in all. */
  maxLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(256), v.maxValue(10_240)), 8192),
});

export type JwtConfig = v.InferOutput<typeof jwtConfig>;
export type JwtIssuer = JwtConfig["issuers"][number];
