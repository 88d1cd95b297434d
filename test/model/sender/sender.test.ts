import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { NOW } from "../../fixtures.ts";
import { attempt, setting } from "./attempt.ts";
import { createWorld } from "./world.ts";

let world: Awaited<ReturnType<typeof createWorld>>;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  world = await createWorld();
});
afterAll(() => {
  world.close();
  vi.useRealTimers();
});

/** What has to happen at least once, so that the comparison shows something. */
const ALL = [
  ...["", "mtls", "dpop", "mtls,dpop"].map((how) => `proved ${how}`),
  ...["token_expired", "token_signature_invalid", "token_confirmation_cached", "token_confirmation_missing"],
  ...["token_confirmation_unsupported", "token_certificate_missing", "token_certificate_mismatch"],
  ...["dpop_scheme_missing", "dpop_token_unbound", "dpop_proof_missing", "dpop_proof_ambiguous"],
  ...["dpop_proof_malformed", "dpop_method_mismatch", "dpop_url_mismatch", "dpop_path_unclear", "dpop_proof_expired"],
  ...["dpop_proof_in_future", "dpop_token_mismatch", "dpop_algorithm_not_allowed", "dpop_key_weak"],
  ...["dpop_key_mismatch", "dpop_signature_invalid", "dpop_proof_replayed", "replay_store_unavailable"],
];

test("a token is accepted from its sender alone, and refused for the reason that the documentation has", async () => {
  const found = new Set<string>();
  await fc.assert(
    fc.asyncProperty(setting, fc.array(attempt, { minLength: 1, maxLength: 8 }), async (given, attempts) => {
      const send = world.start(given);
      let now = NOW;
      for (const each of attempts) {
        now += each.wait;
        vi.setSystemTime(now * 1000);
        const { expected, verdict, outcome, writes, mayWrite } = await send(each, now);
        if ("reasons" in expected) expect(expected.reasons).toContain(verdict);
        else expect(verdict).toEqual(`proved ${expected.proved}`);
        if (!mayWrite) expect(writes).toBe(0);
        if ("proved" in expected && each.api === "rest-request") {
          const { asks } = given;
          const isMet = asks === "any" ? expected.proved.length > 0 : !asks || expected.proved.includes(asks);
          expect(outcome).toBe(isMet ? "allow" : "deny");
        }
        found.add(verdict);
      }
    }),
    { seed: 20_260_302, numRuns: 350 },
  );
  expect([...found].toSorted()).toEqual(ALL.toSorted());
});
