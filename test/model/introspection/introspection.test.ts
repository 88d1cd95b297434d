import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { introspectionProvider } from "../../../providers/introspection/index.ts";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { ENDPOINT, SECRET, TokenServer } from "../../providers/introspection/fixture.ts";
import { mint, rsaKey } from "../../providers/jwt/mint.ts";
import {
  type Answer,
  AUDIENCE,
  type Entry,
  ISSUER,
  isForeign,
  isWell,
  type Judged,
  judge,
  merged,
  TROUBLE,
} from "./judge.ts";
import { entry, type Step, steps, tokens } from "./steps.ts";

beforeAll(() => {
  process.env[SECRET] = "s3cret";
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  // Only the wall clock counts here.
  vi.spyOn(performance, "now").mockReturnValue(0);
});
afterAll(() => {
  delete process.env[SECRET];
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const key = rsaKey();

function instancesOf(given: Entry, server: TokenServer) {
  const { isForJwts, cacheAge, clockTolerance, maxTokenAge, clientIds, required } = given;
  return [0, 1].map(() => {
    const config = configOf({
      jwt: {
        issuers: [
          {
            ...{ issuer: ISSUER, audience: AUDIENCE, clockTolerance, claims: { tenant: "tenant" } },
            ...withoutUndefined({ maxTokenAge, clientIds: clientIds && [...clientIds] }),
            ...(required && { requiredClaims: { token_use: "access" } }),
            ...(isForJwts && { keys: { jwks: { keys: [key.jwk as { kty: string }] } } }),
            introspection: {
              ...{ endpoint: ENDPOINT, cacheAge, tokens: isForJwts ? "jwt" : "opaque" },
              client: { clientId: "api", secret: { environment: SECRET } },
            },
          },
        ],
      },
    });
    if (!config.jwt) throw new Error("no section");
    const dependencies = { fetch: server.fetch };
    const provider = isForJwts ? jwtProvider(config.jwt, dependencies) : introspectionProvider(config, dependencies);
    if (!provider) throw new Error("no provider");
    return async (value: string, time: number) => {
      const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
      const verdict = await provider.verify(
        credential,
        requestFor("GET", "/a", { time }),
        new AbortController().signal,
      );
      return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
    };
  });
}

interface Known {
  readonly at: number;
  /** Undefined: the token was not active. */
  readonly claims: Answer | undefined;
}

/** What the model knows of one instance. */
interface Instance {
  readonly known: Map<number, Known>;
  /** Until when the server may be left alone: with tokens that were active before, and with others. */
  readonly pausedUntil: { active: number; others: number };
}

/** What has to happen at least once, so that the comparison shows something. */
const ALL = [
  ...["authenticated", TROUBLE, "token_inactive", "token_issuer_unknown", "token_expired", "token_not_yet_valid"],
  ...["token_issued_in_future", "token_too_old", "token_audience_mismatch", "token_client_not_allowed"],
  ...["token_claim_invalid", "token_subject_missing", "token_type_not_allowed", "token_confirmation_unsupported"],
];
const found = new Set<string>();

async function run(given: Entry, claims: readonly Answer[], all: readonly Step[]): Promise<void> {
  const server = new TokenServer();
  const judges = instancesOf(given, server);
  const texts = claims.map((each, n) => (given.isForJwts ? mint(key, { ...each, n }) : `token${n}`));
  const state: Instance[] = [0, 1].map(() => ({ known: new Map(), pausedUntil: { active: 0, others: 0 } }));
  const says = new Map<number, Answer | string | number>();
  let now = NOW;
  for (const step of all) {
    if (step.do === "wait") now += step.seconds;
    else if (step.do === "answer") says.set(step.token, step.body);
    else if (step.do === "fail") says.set(step.token, step.failure);
    else {
      vi.setSystemTime(now * 1000);
      const told = says.get(step.token) ?? { active: false };
      // Of two questions, one would come after the answer to the other.
      const delay = step.isTwice ? 0 : step.delay;
      server.answer = () => {
        vi.setSystemTime((now + delay) * 1000);
        if (told === "none") return Promise.reject(new TypeError("fetch failed"));
        if (told === "text" || told === 200) return new Response("no JSON");
        return typeof told === "object" ? Response.json(told) : new Response(null, { status: Number(told) });
      };
      const before = server.asked.length;
      const value = texts[step.token] ?? "";
      const answers = await Promise.all(
        Array.from({ length: step.isTwice ? 2 : 1 }, () => judges[step.instance]?.(value, now)),
      );
      const calls = server.asked.length - before;
      const asked = { token: step.token, delay, isTwice: step.isTwice };
      const expected = expectation(given, state[step.instance] as Instance, asked, claims, told, now);
      // Two that come one after the other while nothing is remembered are two questions.
      const most = given.isForJwts && step.isTwice ? 2 : 1;
      for (const answer of answers) compare(expected, answer, Math.ceil(calls / most));
      if (calls > 0) expected.learn();
      now += calls > 0 ? delay : 0;
    }
  }
}

interface Expectation {
  readonly calls: readonly number[];
  readonly judged: readonly Judged[];
  /** To be called if the server was asked. */
  readonly learn: () => unknown;
}

function expectation(
  given: Entry,
  instance: Instance,
  { token, delay, isTwice }: { readonly token: number; readonly delay: number; readonly isTwice: boolean },
  claims: readonly Answer[],
  told: Answer | string | number,
  now: number,
): Expectation {
  const own = given.isForJwts ? (claims[token] as Answer) : {};
  let learned: () => unknown = () => undefined;
  const learn = () => learned();
  // What ends a JWT by itself costs its server nothing.
  if (given.isForJwts) {
    const alone = judge(given, { ...own, aud: AUDIENCE, sub: "x", client_id: "web", token_use: "access" }, now);
    if ("reasons" in alone) return { calls: [0], judged: [alone], learn };
  }
  const known = instance.known.get(token);
  const age = known === undefined ? Number.POSITIVE_INFINITY : now - known.at;
  const of = (answer: Answer) =>
    given.isForJwts && isForeign(own, answer) ? { reasons: [TROUBLE] } : judge(given, merged(own, answer), now);
  if (known?.claims && age < given.cacheAge) {
    const remembered = of(known.claims);
    const isOver = "reasons" in remembered && remembered.reasons.includes("token_expired");
    if (!isOver) return { calls: [0], judged: [remembered], learn };
    const anew = answered();
    return { calls: [0, 1], judged: [remembered, ...anew], learn };
  }
  if (known && !known.claims && age < Math.min(5, given.cacheAge)) {
    return { calls: [0], judged: [{ reasons: ["token_inactive"] }], learn };
  }
  const lane = known?.claims ? ("active" as const) : ("others" as const);
  // The second of two questions may be about a token that the first has shown to be active.
  const lanes = isTwice ? (["active", "others"] as const) : [lane];
  const isPaused = lanes.some((each) => now <= instance.pausedUntil[each]);
  const judged = answered();
  return { calls: isPaused ? [0, 1] : [1], judged: isPaused ? [...judged, { reasons: [TROUBLE] }] : judged, learn };

  // A server that fails at one made-up token is asked about others.
  function fails(isServers: boolean): Judged[] {
    const pause = () => {
      instance.pausedUntil[lane] = now + delay + 2;
    };
    if (known?.claims || isServers) learned = pause;
    return [{ reasons: [TROUBLE] }];
  }

  function answered(): Judged[] {
    if (typeof told !== "object") return fails(["none", 401, 429, 503].includes(told));
    if (!isWell(told)) return fails(false);
    if (told.active === false) {
      learned = () => instance.known.set(token, { at: now, claims: undefined });
      return [{ reasons: ["token_inactive"] }];
    }
    learned = () => instance.known.set(token, { at: now, claims: told });
    return [of(told)];
  }
}

function compare({ calls: allowed, judged }: Expectation, answer: unknown, calls: number): void {
  const shown = JSON.stringify({ judged, answer, calls });
  found.add(typeof answer === "string" ? answer : "authenticated");
  expect(allowed, shown).toContain(calls);
  const fits = judged.some((each) => {
    if ("reasons" in each) return typeof answer === "string" && each.reasons.includes(answer);
    if (typeof answer !== "object" || answer === null) return false;
    const { subject, scopes, tenant, expiresAt, issuer } = answer as Record<string, unknown>;
    return JSON.stringify({ subject, scopes, tenant, expiresAt }) === JSON.stringify(each) && issuer === ISSUER;
  });
  expect(fits, shown).toBe(true);
}

test("a token is what its server said of it, within cacheAge, and the server is asked no more than that", async () => {
  await fc.assert(fc.asyncProperty(entry, tokens, steps, run), {
    seed: 20_260_302,
    numRuns: 600,
  });
  expect([...found].toSorted()).toEqual(ALL.toSorted());
});
