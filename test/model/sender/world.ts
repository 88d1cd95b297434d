import { X509Certificate } from "node:crypto";
import { answerEvent } from "../../../functions/authorizer/answer.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import { introspectionProvider } from "../../../providers/introspection/index.ts";
import { jwt } from "../../../providers/jwt/index.ts";
import { readCacheSettings } from "../../../shared/domain/config/cache.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey, type SigningKey } from "../../providers/jwt/mint.ts";
import { type Attempt, ORIGINS, type Setting } from "./attempt.ts";
import { decide, type Facts, type Memory } from "./decide.ts";
import { type Certificates, eventOf, pathOf, schemeOf } from "./event.ts";
import { hash, jwkOf, KEYS, thumbprintOf } from "./keys.ts";
import { type Ids, proofOf } from "./proof.ts";

const SECRET = "SALLYPORT_TEST_INTROSPECTION_SECRET";
const issuerKey = rsaKey();
const forger = rsaKey();

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
