import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { NOW } from "../../fixtures.ts";
import { SECRET, TokenServer } from "../../providers/introspection/fixture.ts";
import { mint } from "../../providers/jwt/mint.ts";
import { type Expectation, expectation, type Instance } from "./expected.ts";
import { instancesOf, key } from "./instances.ts";
import { type Answer, type Entry, ISSUER, TROUBLE } from "./judge.ts";
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
  const state: Instance[] = [0, 1].map(() => ({
    known: new Map(),
    tokenPausedUntil: new Map(),
    failedAt: 0,
    pausedUntil: { active: 0, others: 0 },
  }));
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
