import * as fc from "fast-check";

/** What a run is about: a configuration and a function, and requests one after the other. */

export const ORIGINS = ["https://api.example.com", "https://api.example.com:8443"];
export const ALL_ALGORITHMS = ["ES256", "EdDSA", "RS256"] as const;
export const APIS = ["rest-request", "rest-token", "http-1.0", "http-2.0", "websocket", "appsync"] as const;
/** Keys of clients: `weak` is an RSA key of 1,024 bits. */
export const KEYS = ["ec", "ed", "rsa", "weak", "stranger"] as const;
export const CERTIFICATES = ["own", "other"] as const;

const CLIENT_CERTIFICATE = "authorization,context.identity.clientCert.clientCertPem";

/** Mostly the first one, which is the good one. */
const mostly = <T>(weight: number, good: T, ...others: readonly T[]) =>
  fc.oneof({ weight, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const binding = fc.constantFrom("any", "mtls", "dpop" as const);

const anySetting = fc.record({
  requires: mostly<"any" | "mtls" | "dpop" | undefined>(8, undefined, "any", "mtls", "dpop"),
  asks: fc.option(binding, { nil: undefined }),
  hasDpop: mostly(9, true, false),
  maxAge: fc.constantFrom(1, 60, 600),
  clockTolerance: fc.constantFrom(0, 30, 300),
  algorithms: fc.constantFrom(ALL_ALGORITHMS, ALL_ALGORITHMS, ["RS256"] as const, ["ES256", "RS256"] as const),
  cachedBy: mostly<string | undefined>(4, "none", "authorization", undefined, CLIENT_CERTIFICATE, CLIENT_CERTIFICATE),
});
/** What asks for DPoP without its section is a mistake in the configuration. */
export const setting = anySetting.map((given) => ({
  ...given,
  hasDpop: given.hasDpop || given.requires === "dpop" || given.asks === "dpop",
}));
export type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

/** `cnf` of a token: hashes of keys, or something that is not one. */
const cnf = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: fc.record({ key: mostly<(typeof KEYS)[number]>(6, "ec", "ed", "rsa", "weak") }) },
  { weight: 4, arbitrary: fc.record({ certificate: mostly<(typeof CERTIFICATES)[number]>(4, "own", "other") }) },
  {
    weight: 3,
    arbitrary: fc.record({ key: fc.constantFrom("ec", "ed" as const), certificate: fc.constant("own" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      malformed: fc.constantFrom(
        ...["null", '"x"', "[]", "{}", "1", '{"kid":"a"}', '{"jkt":1}', '{"jkt":"short"}', '{"jkt":null}'],
        ...['{"x5t":"JKT"}', '{"jkt":"JKT","kid":"a"}', '{"jkt":"JKT="}', '{"jkt":"JKT","x5t#S256":null}'],
        ...['[{"jkt":"JKT"}]', '{"JKT":"JKT"}', '{"x5t#s256":"JKT"}', '{"jkt":["JKT"]}'],
      ),
    }),
  },
);

const PATHS = [
  ...[
    "/whoami",
    "/a/b",
    "/a//b",
    "/a/",
    "/A",
    "/%77hoami",
    "/%7Eu",
    "/a%2Fb",
    "/a%2fb",
    "/x%20y",
    "/a.b",
    "/.a",
    "/~u",
  ],
  ...[
    "/a;v=1",
    "/a:b@c",
    "/a,b+c",
    "/%C3%BC",
    "/a%252Fb",
    "/a%3Fb",
    "/",
    "/a/.",
    "/a/../b",
    "/a/%2e%2E/b",
    "/./a",
    "/...",
  ],
];

/** What becomes of the URL on its way into `htu`. */
const CHANGES = [
  ...["upper", "port", "empty-port", "query", "fragment", "query-dots", "encode", "encode-lower", "dot", "dots"],
  ...[
    "encoded-dots",
    "second-origin",
    "hex-case",
    "decoded",
    "not-listed",
    "slash",
    "case",
    "double",
    "user",
    "suffix",
    "http",
    "space",
  ],
  ...["tab", "backslash", "trailing-dot", "encoded-slash", "twice-encoded", "relative", "empty", "number", "missing"],
  ...["last-dots", "other-port", "semicolon", "text-before", "null"],
] as const;
export type Change = (typeof CHANGES)[number] | "same";

/** Offsets in seconds to a limit, or what is not a time. */
const time = fc.oneof(
  { weight: 1, arbitrary: fc.record({ from: fc.constant("now" as const), plus: fc.constantFrom(0, -0.5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      from: fc.constantFrom("oldest", "newest" as const),
      plus: fc.constantFrom(-1, -0.5, 0, 0.5, 1),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom("missing", "text", "null", "milliseconds", "negative" as const) },
);

const proof = fc.record({
  signer: mostly<"bound" | (typeof KEYS)[number]>(14, "bound", ...KEYS),
  jwk: mostly<string>(1, "signer", "bound", "stranger", "private", "missing", "text", "oct", "key-id", "other-curve"),
  alg: mostly<string>(1, "own", "none", "HS256", "missing", "ES384", "number"),
  typ: mostly<string>(1, "dpop+jwt", "jwt", "missing", "DPoP+jwt", "application/dpop+jwt", "number"),
  extension: mostly<string>(1, "none", "crit", "b64", "zip"),
  htm: mostly<string>(1, "own", "lower", "other", "missing", "number", "space"),
  htu: fc.oneof(
    { weight: 3, arbitrary: fc.constant("same" as Change) },
    { weight: 2, arbitrary: fc.constantFrom(...CHANGES) },
  ),
  iat: time,
  exp: mostly<number | string | undefined>(1, undefined, -1, 0, 1, 300, "text", "null", "milliseconds"),
  nbf: mostly<number | string | undefined>(1, undefined, -1, 0, 1, 29, 1000, "text", "milliseconds"),
  jti: fc.oneof(
    { weight: 1, arbitrary: fc.constant("fresh" as const) },
    { weight: 3, arbitrary: fc.constant("again" as const) },
    { weight: 1, arbitrary: fc.constantFrom("empty", "longest", "too-long", "number", "missing", "null" as const) },
  ),
  ath: mostly<string>(1, "own", "other", "missing", "number", "base64", "hex"),
  length: mostly<string>(1, "short", "longest", "too-long"),
  isBroken: mostly(1, false, true),
});
type Proof = typeof proof extends fc.Arbitrary<infer T> ? T : never;

const anyAttempt = fc.record({
  wait: mostly(1, 0, 1, 30, 61, 200),
  instance: fc.nat({ max: 1 }),
  api: mostly<(typeof APIS)[number]>(
    6,
    "rest-request",
    "http-2.0",
    "http-2.0",
    "http-1.0",
    "rest-token",
    "websocket",
    "appsync",
  ),
  /** The values of an HTTP API's identity sources; `none`: it has none. */
  sources: mostly<string>(1, "none", "token", "own", "other"),
  method: fc.constantFrom("GET", "POST", "DELETE"),
  base: fc.constantFrom("/prod", "", "/v1"),
  path: mostly(1, "/whoami", ...PATHS),
  scheme: mostly<string>(1, "as-bound", "Bearer", "DPoP", "dpop"),
  token: fc.record({
    cnf,
    ends: mostly<string>(1, "late", "soon", "ended"),
    isSigned: mostly(1, true, false),
    isOpaque: mostly(1, false, true),
    name: fc.constantFrom("alice", "bob"),
  }),
  certificate: fc.constantFrom("own", "own", "own", "none", "other"),
  header: mostly<string>(1, "one", "none", "two", "cases", "joined", "empty", "lower"),
  proof,
  storeFails: mostly(1, false, true),
});
export type Attempt = typeof anyAttempt extends fc.Arbitrary<infer T> ? T : never;

const GOOD: Attempt = {
  ...{ wait: 0, instance: 0, api: "rest-request", sources: "none", method: "GET", base: "/prod", path: "/whoami" },
  ...{ scheme: "as-bound", certificate: "own", header: "one", storeFails: false },
  token: { cnf: { key: "ec" }, ends: "late", isSigned: true, isOpaque: false, name: "alice" },
  proof: {
    ...{ signer: "bound", jwk: "signer", alg: "own", typ: "dpop+jwt", extension: "none", htm: "own", htu: "same" },
    ...{ iat: { from: "now", plus: 0 }, exp: undefined, nbf: undefined, jti: "fresh", ath: "own", length: "short" },
    isBroken: false,
  },
};
const PARTS = Object.keys(GOOD).filter((name) => name !== "proof") as (keyof Attempt)[];
const PROOF_PARTS = Object.keys(GOOD.proof) as (keyof Proof)[];

/** Requests that others are made from: most are good, and all are where one more change may make a difference. */
const BASES: readonly Attempt[] = [
  ...[GOOD, GOOD, { ...GOOD, api: "http-1.0" as const }, { ...GOOD, api: "http-2.0" as const }],
  ...[
    { ...GOOD, path: "/a%2Fb" },
    { ...GOOD, storeFails: true },
    { ...GOOD, proof: { ...GOOD.proof, jti: "again" as const } },
  ],
  { ...GOOD, token: { ...GOOD.token, cnf: { certificate: "own" } } },
  { ...GOOD, token: { ...GOOD.token, cnf: { certificate: "own" } }, api: "http-2.0", sources: "own" },
  { ...GOOD, token: { ...GOOD.token, cnf: { certificate: "own" } }, api: "http-2.0", sources: "token" },
  { ...GOOD, token: { ...GOOD.token, cnf: { key: "weak" } } },
  { ...GOOD, path: "/a%2fb", proof: { ...GOOD.proof, htu: "hex-case" } },
  { ...GOOD, api: "http-1.0", path: "/a%252Fb", proof: { ...GOOD.proof, htu: "decoded" } },
  { ...GOOD, api: "http-2.0", path: "/a%252Fb", proof: { ...GOOD.proof, htu: "decoded" } },
];

/** A request with a few parts changed. */
export const attempt: fc.Arbitrary<Attempt> = fc
  .record({
    base: fc.constantFrom(...BASES),
    any: anyAttempt,
    parts: fc.subarray(PARTS, { maxLength: 3 }),
    proofParts: fc.subarray(PROOF_PARTS, { maxLength: 2 }),
  })
  .map(({ base, any, parts, proofParts }) => ({
    ...base,
    ...taken(any, parts),
    proof: { ...base.proof, ...taken(any.proof, proofParts) },
  }));

const taken = <T extends object>(from: T, names: readonly (keyof T)[]): Partial<T> =>
  Object.fromEntries(names.map((name) => [name, from[name]])) as Partial<T>;
