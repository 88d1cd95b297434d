import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { answerEvent } from "../../../functions/authorizer/answer.ts";
import { APIS } from "../../../local/events/apis.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import { introspectionProvider } from "../../../providers/introspection/index.ts";
import { jwt } from "../../../providers/jwt/index.ts";
import { readCacheSettings } from "../../../shared/domain/config/cache.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { AUDIENCE, claims, ecKey, edKey, ISSUER, mint, rsaKey, type SigningKey } from "../../providers/jwt/mint.ts";
import { type Attempt, ORIGINS, type Setting } from "./attempt.ts";
import { decide, type Facts, type Memory } from "./decide.ts";
import { htuOf } from "./htu.ts";

const SECRET = "SALLYPORT_TEST_INTROSPECTION_SECRET";
const issuerKey = rsaKey();
const forger = rsaKey();
const KEYS: Readonly<Record<string, SigningKey>> = {
  ...{ ec: ecKey("ec"), ed: edKey("ed"), rsa: rsaKey("rsa"), stranger: ecKey("stranger") },
  weak: rsaKey("weak", "RS256", 1024),
};
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" });

const hash = (value: string | Buffer) => createHash("sha256").update(value).digest();
const jwkOf = ({ publicKey }: SigningKey): Record<string, unknown> => ({ ...publicKey.export({ format: "jwk" }) });

/** RFC 7638. */
function thumbprintOf(jwk: Readonly<Record<string, unknown>>): string {
  const { crv, e, kty, n, x, y } = jwk;
  const members = kty === "RSA" ? { e, kty, n } : kty === "OKP" ? { crv, kty, x } : { crv, kty, x, y };
  return hash(JSON.stringify(members)).toString("base64url");
}

type Certificates = Readonly<Record<string, string>>;

/** The code, from events to decisions, as two instances of a function over one table. */
export async function createWorld() {
  const [own, other] = await Promise.all([createSigningIdentity(), createSigningIdentity()]);
  const certificates: Certificates = { own: own.certificate, other: other.certificate };
  const tokens = new Map<string, string>();
  const answers = new Map<string, object>();
  process.env[SECRET] = "s3cret";
  const fetch = async (_url: unknown, init: RequestInit = {}) =>
    Response.json(answers.get(new URLSearchParams(String(init.body)).get("token") ?? "") ?? { active: false });

  function tokenOf({ cnf, ends, isSigned, isOpaque, name }: Attempt["token"]): string {
    const plan = JSON.stringify([cnf, ends, isSigned, isOpaque, name]);
    const known = tokens.get(plan);
    if (known !== undefined) return known;
    const payload = claims({ sub: name, exp: endOf(ends), ...(cnf && { cnf: confirmation(cnf, certificates) }) });
    const token = isOpaque ? `opaque_${hash(plan).toString("hex")}` : mint(isSigned ? issuerKey : forger, payload);
    tokens.set(plan, token);
    answers.set(token, { active: true, ...payload });
    return token;
  }

  function start(setting: Setting) {
    const { requires, asks, hasDpop, maxAge, clockTolerance, algorithms, cachedBy } = setting;
    const entry = { issuer: ISSUER, audience: AUDIENCE, keys: { jwks: { keys: [issuerKey.jwk as { kty: string }] } } };
    const client = { clientId: "api", secret: { environment: SECRET } };
    const introspection = { endpoint: `${ISSUER}/introspect`, client, tokens: { prefix: "opaque_" } };
    const config = configOf({
      jwt: { issuers: [{ ...entry, introspection, ...(requires && { senderConstrained: requires }) }] },
      ...(hasDpop && {
        dpop: { origins: ORIGINS, replayTable: "proofs", maxAge, clockTolerance, algorithms: [...algorithms] },
      }),
      appSync: { fields: ["Query.orders"] },
      routes: [{ name: "all", methods: "ANY", paths: ["/*"], ...(asks && { senderConstrained: asks }) }],
    });
    const cache = readCacheSettings(config, { ...(cachedBy !== undefined && { SALLYPORT_CACHED_BY: cachedBy }) });
    const table = new Set<string>();
    const state = { fails: false, writes: 0 };
    const record = async ({ key }: { readonly key: string }) => {
      state.writes += 1;
      if (state.fails) throw new TroubleError("replay_store_unavailable");
      const isFirst = !table.has(key);
      table.add(key);
      return isFirst;
    };
    const openProofStore = async () => ({ record });
    const instances = [0, 1].map(() => {
      const opaque = introspectionProvider(config, { fetch: fetch as never, dpop: config.dpop, openProofStore });
      const signed = jwt(config, { openProofStore });
      return { config, cache, providers: [opaque, signed].flatMap((provider) => provider ?? []) };
    });
    const memory: Memory = { table: new Set(), seen: [new Set(), new Set()] };
    const ids: Ids = { count: 0, used: undefined };

    /** One request: what was decided, and what the model says. */
    async function send(attempt: Attempt, now: number) {
      const token = tokenOf(attempt.token);
      const made = proofOf(attempt, setting, token, now, ids);
      const isDpopScheme = schemeOf(attempt).toLowerCase() === "dpop";
      const path = pathOf(attempt);
      const facts: Facts = { ...made.facts, now, isDpopScheme, path, endOfToken: endOf(attempt.token.ends) };
      const expected = decide(setting, attempt, facts, memory);
      const mayWrite = "proved" in expected ? expected.proved.includes("dpop") : isAboutUse(expected.reasons);
      if (mayWrite) ids.used = String(facts.payload.jti);
      state.fails = attempt.storeFails;
      state.writes = 0;
      const event = eventOf(attempt, token, made.proof, certificates, now);
      const { trace } = await answerEvent(event, instances[attempt.instance] as never, new AbortController().signal);
      const { decision, findings } = trace;
      const proved = findings.map((each) =>
        "principal" in each.verdict ? (each.verdict.principal.confirmation ?? []) : [],
      );
      const isRefused = decision.outcome === "unauthenticated" || decision.outcome === "unavailable";
      const verdict = isRefused ? decision.reason : `proved ${proved}`;
      return { expected, verdict, outcome: decision.outcome, writes: state.writes, mayWrite };
    }
    return send;
  }
  return { start, close: () => delete process.env[SECRET] };
}

const isAboutUse = (reasons: readonly string[]) =>
  reasons.includes("dpop_proof_replayed") || reasons.includes("replay_store_unavailable");
const endOf = (ends: string) => ({ late: NOW + 86_400, soon: NOW + 100, ended: NOW })[ends] ?? 0;

function confirmation(cnf: NonNullable<Attempt["token"]["cnf"]>, certificates: Certificates): unknown {
  const jkt = (name: string) => thumbprintOf(jwkOf(KEYS[name] as SigningKey));
  if ("malformed" in cnf)
    return JSON.parse(cnf.malformed.replaceAll("JKT", jkt("ec")).replace(`"${jkt("ec")}":`, '"JKT":'));
  const pem = "certificate" in cnf ? certificates[cnf.certificate] : undefined;
  return {
    ...("key" in cnf && { jkt: jkt(cnf.key) }),
    ...(pem && { "x5t#S256": hash(new X509Certificate(pem).raw).toString("base64url") }),
  };
}

const isBoundToKey = ({ token: { cnf } }: Attempt) => cnf !== undefined && "key" in cnf;
const schemeOf = (attempt: Attempt) =>
  attempt.scheme !== "as-bound" ? attempt.scheme : isBoundToKey(attempt) ? "DPoP" : "Bearer";

/** The path as the event of a kind of API says it: HTTP APIs decode, and cut at a decoded question mark. */
function pathOf({ api, base, path }: Attempt): string {
  const called = `${base}${path}`;
  return api.startsWith("http") ? (decodeURIComponent(called).split("?")[0] ?? "") : called;
}

function timeOf(plan: Attempt["proof"]["iat"], setting: Setting, now: number): unknown {
  if (typeof plan === "string") {
    return { missing: undefined, text: String(now), null: null, milliseconds: now * 1000, negative: -1 }[
      plan as "text"
    ];
  }
  const limits = { now, oldest: now - setting.maxAge, newest: now + setting.clockTolerance };
  return limits[plan.from] + plan.plus;
}

/** Ids of proofs: how many there were, and the last one that came as far as the table. */
interface Ids {
  count: number;
  used: string | undefined;
}

function proofOf(attempt: Attempt, setting: Setting, token: string, now: number, ids: Ids) {
  const { proof, token: planned, method } = attempt;
  const cnf = planned.cnf;
  const bound = cnf !== undefined && "key" in cnf ? cnf.key : "ec";
  const nameOf = (name: string) => (name === "bound" ? bound : name);
  const signerName = nameOf(proof.signer);
  const signer = KEYS[signerName] as SigningKey;
  const jwk = jwkFor(proof.jwk, signerName, bound);
  const bits = hash(token);
  const fresh = `proof-${ids.count++}`;
  const jti = {
    ...{
      fresh,
      again: ids.used ?? fresh,
      empty: "",
      longest: fresh.padEnd(256, "x"),
      "too-long": fresh.padEnd(257, "x"),
    },
    ...{ number: 7, missing: undefined, null: null },
  }[proof.jti];
  const htm = {
    own: method,
    lower: method.toLowerCase(),
    other: "PATCH",
    missing: undefined,
    number: 1,
    space: `${method} `,
  };
  const ath = {
    ...{ own: bits.toString("base64url"), other: hash("other").toString("base64url"), missing: undefined, number: 5 },
    ...{ base64: bits.toString("base64"), hex: bits.toString("hex") },
  };
  const offset = (value: number | string | undefined) =>
    typeof value === "number" ? now + value : ({ null: null, milliseconds: now * 1000 }[value as "null"] ?? value);
  const alg =
    proof.alg === "own" ? signer.alg : ({ missing: undefined, number: 1 }[proof.alg as "number"] ?? proof.alg);
  const extension = { none: {}, crit: { crit: ["b64"] }, b64: { b64: true }, zip: { zip: "DEF" } }[
    proof.extension as "crit"
  ];
  const header = {
    typ: { missing: undefined, number: 1 }[proof.typ as "number"] ?? (proof.typ === "missing" ? undefined : proof.typ),
    alg: proof.alg === "missing" ? undefined : alg,
    ...{ kid: undefined, jwk },
    ...extension,
  };
  const payload = plainly({
    ...{ jti, htm: htm[proof.htm as "own"], ath: ath[proof.ath as "own"], nonce: "ignored" },
    ...{ htu: htuOf(proof.htu, attempt.base + attempt.path), iat: timeOf(proof.iat, setting, now) },
    ...{ exp: offset(proof.exp), nbf: offset(proof.nbf) },
  });
  const text = sized(proof.length, (padding) => mint(signer, { ...payload, ...(padding && { padding }) }, header));
  // The second character from the end, all of whose bits count.
  const broken = text.slice(0, -8) + (text.at(-8) === "A" ? "B" : "A") + text.slice(-7);
  const isPublic = typeof jwk === "object" && jwk !== null && jwk.kty !== "oct";
  const signs = isPublic && thumbprintOf(jwk) === thumbprintOf(jwkOf(signer));
  const isNative = proof.alg === "own";
  const facts = {
    ...{ header: plainly(header), payload, lengthOfProof: text.length, hashOfToken: ath.own },
    thumbprint: {
      bound: thumbprintOf(jwkOf(KEYS[bound] as SigningKey)),
      jwk: isPublic ? thumbprintOf(jwk) : undefined,
    },
    isSignedByJwk: signs && isNative && !proof.isBroken,
    isWeak: isPublic && thumbprintOf(jwk) === thumbprintOf(jwkOf(KEYS.weak as SigningKey)),
    algorithmOfJwk: isPublic ? algorithmOf(jwk) : undefined,
    hasPrivatePart: typeof jwk === "object" && jwk !== null && ("d" in jwk || "k" in jwk),
  };
  return { proof: proof.isBroken ? broken : text, facts };
}

const plainly = (object: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(object));

const algorithmOf = ({ kty, crv }: Readonly<Record<string, unknown>>) =>
  kty === "RSA" ? "RS256" : kty === "OKP" ? "EdDSA" : crv === "P-256" ? "ES256" : "ES384";

function jwkFor(plan: string, signer: string, bound: string): Record<string, unknown> | string | undefined {
  const own = jwkOf(KEYS[signer] as SigningKey);
  if (plan === "bound") return jwkOf(KEYS[bound] as SigningKey);
  if (plan === "stranger") return jwkOf(KEYS.stranger as SigningKey);
  if (plan === "private") return { ...KEYS[signer]?.privateKey.export({ format: "jwk" }) };
  if (plan === "key-id") return { ...own, kid: "mine", use: "sig" };
  if (plan === "oct") return { kty: "oct", k: "AAAA" };
  if (plan === "other-curve") return { ...p384 };
  return { missing: undefined, text: "jwk" }[plan as "text"] ?? (plan === "missing" ? undefined : own);
}

/** A proof of a length, by padding. */
function sized(length: string, make: (padding: string) => string): string {
  const short = make("");
  if (length === "short") return short;
  let size = Math.floor((4090 - short.length) * 0.75) - 20;
  let longest = short;
  for (;;) {
    const text = make("x".repeat(size));
    if (text.length > 4096) return length === "longest" ? longest : text;
    longest = text;
    size += 1;
  }
}

function eventOf(attempt: Attempt, token: string, proof: string, certificates: Certificates, now: number) {
  const { api, method, path, header, certificate, sources } = attempt;
  const authorization = `${schemeOf(attempt)} ${token}`;
  const forged = {
    "X-Forwarded-Host": "evil.example",
    "X-Amzn-Mtls-Clientcert": encodeURIComponent(certificates.own ?? ""),
  };
  const two = `${proof.slice(0, -9)}AAAAAAAAA`;
  const values: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    ...{ none: {}, one: { DPoP: [proof] }, lower: { dpop: [proof] }, two: { DPoP: [proof, two] } },
    ...{ cases: { DPoP: [proof], dpop: [two] }, joined: { DPoP: [`${proof},${two}`] }, empty: { DPoP: [""] } },
  };
  const proofs = values[header] ?? {};
  const request = {
    ...{ method, path: "/whoami", resource: "/{proxy+}", stage: "prod", address: "192.0.2.1", time: now },
    headers: { Authorization: authorization, ...forged },
  };
  const event = structuredClone(APIS[api].eventOf(request)) as Record<string, unknown>;
  const context = (event.requestContext ?? {}) as Record<string, unknown>;
  const pem = certificates[certificate];
  const clientCert = pem === undefined ? null : { clientCertPem: pem, subjectDN: "CN=client" };
  const list =
    sources === "none" ? null : sources === "token" ? [authorization] : [authorization, certificates[sources] ?? ""];
  const headers = event.headers as Record<string, string>;
  if (api === "http-2.0") {
    for (const [name, each] of Object.entries(proofs)) {
      const known = headers[name.toLowerCase()];
      headers[name.toLowerCase()] = [...(known === undefined ? [] : [known]), ...each].join(",");
    }
    (context.http as Record<string, unknown>).path = pathOf(attempt);
    event.rawPath = pathOf(attempt);
    if (clientCert) context.authentication = { clientCert };
    event.identitySource = list;
  } else if (event.multiValueHeaders) {
    const lists = event.multiValueHeaders as Record<string, readonly string[]>;
    for (const [name, each] of Object.entries(proofs)) {
      headers[name] = each.at(-1) ?? "";
      lists[name] = each;
    }
    context.path = pathOf(attempt);
    event.path = path;
    if (clientCert && context.identity) (context.identity as Record<string, unknown>).clientCert = clientCert;
    if (api === "http-1.0") event.identitySource = event.authorizationToken = list?.join(",") ?? null;
  }
  return event;
}
