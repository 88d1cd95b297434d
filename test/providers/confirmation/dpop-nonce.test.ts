import { createSecretKey, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Nonces } from "../../../providers/confirmation/dpop/nonces.ts";
import { Refusal, TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { NOW, requestFor } from "../../fixtures.ts";
import { boundToken, clientKey, memoryStore, present, proofFor, providerOf, strangerKey } from "./fixture.ts";

const VARIABLE = "TEST_DPOP_NONCE_SECRET";
const CONFIG = { secret: { environment: VARIABLE }, lifetime: 300 };
beforeEach(() => {
  vi.stubEnv(VARIABLE, "s".repeat(32));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A secret that is `first` until it is read again, and `second` from then on. */
function secretOf(first: string, second = first) {
  const keyOf = (text: string): KeyObject => createSecretKey(Buffer.from(text));
  const [one, other] = [keyOf(first), first === second ? undefined : keyOf(second)];
  let known = one;
  return {
    reads: 0,
    current: async () => known,
    async newer() {
      this.reads++;
      known = other ?? one;
      return known;
    },
  };
}

const start = 1_772_445_600; // a multiple of 300
const token = boundToken();
const answerTo = async (promise: Promise<unknown>) => promise.catch((error: Refusal) => error);

describe("a proof", () => {
  const withNonces = (store = memoryStore()) => providerOf({ nonce: CONFIG }, { store });
  const proofWith = (nonce: unknown) => proofFor(token, { claims: { nonce } });

  test("needs no nonce by default, and one that it has is not looked at", async () => {
    expect(await present(token)).not.toHaveProperty("dpopNonce");
    expect(await present(token, { proofs: [proofWith("any")] })).toMatchObject({ confirmation: ["dpop"] });
  });

  test("with the nonce of the server is accepted, and the principal has the next one", async () => {
    const nonce = await new Nonces(CONFIG).current(NOW);
    const principal = await present(token, { by: withNonces(), proofs: [proofWith(nonce)] });
    expect(principal).toMatchObject({ subject: "alice", confirmation: ["dpop"], dpopNonce: nonce });
  });

  test.each([
    ["without a nonce", undefined, "dpop_nonce_missing"],
    ["with an empty one", "", "dpop_nonce_expired"],
    ["with null", null, "dpop_nonce_expired"],
    ["with a list that has the nonce", ["%"], "dpop_nonce_expired"],
    ["with another text", "x".repeat(32), "dpop_nonce_expired"],
    ["with more than the nonce", "% ", "dpop_nonce_expired"],
  ])("%s is refused, uses nothing up, and is told the nonce", async (_how, given, reason) => {
    const nonce = await new Nonces(CONFIG).current(NOW);
    const filled = typeof given === "string" ? given.replace("%", nonce) : Array.isArray(given) ? [nonce] : given;
    const store = memoryStore();
    const by = withNonces(store);
    const proofs = [proofWith(filled)];
    expect(await present(token, { by, proofs })).toBe(reason);
    expect(store.uses).toEqual([]);
    const verdict = await verdictOn(by, proofs);
    expect(verdict).toEqual({ status: "rejected", reason, dpopNonce: nonce });
  });

  test("of another key is told no nonce", async () => {
    const by = withNonces();
    const proofs = [proofFor(token, { key: strangerKey })];
    expect(await verdictOn(by, proofs)).toEqual({ status: "rejected", reason: "dpop_key_mismatch" });
  });

  test("with a forged signature is told no nonce", async () => {
    const [header, payload] = proofFor(token).split(".");
    const [, , signature] = proofFor(token, { key: clientKey, claims: { jti: "another" } }).split(".");
    expect(await verdictOn(withNonces(), [`${header}.${payload}.${signature}`])).toEqual({
      status: "rejected",
      reason: "dpop_signature_invalid",
    });
  });

  test("for a secret that cannot be opened is trouble, and no refusal", async () => {
    const by = providerOf({ nonce: { secret: { environment: "TEST_NO_SUCH_SECRET" }, lifetime: 300 } });
    expect(await present(token, { by, proofs: [proofWith("any")] })).toBe("secret_unavailable");
    expect(await present(token, { by })).toBe("secret_unavailable");
  });

  test("for a secret that is too short is trouble", async () => {
    vi.stubEnv("TEST_SHORT_SECRET", "15 characters .");
    const by = providerOf({ nonce: { secret: { environment: "TEST_SHORT_SECRET" }, lifetime: 300 } });
    expect(await present(token, { by })).toBe("secret_unavailable");
  });

  const verdictOn = async (by: ReturnType<typeof providerOf>, proofs: readonly string[]) => {
    const credential = { scheme: "dpop", value: token, location: { in: "header", name: "authorization" } } as const;
    const request = requestFor("GET", "/whoami", { dpop: { proofs, method: "GET", path: "/prod/whoami" } });
    return by.verify(credential, request, new AbortController().signal);
  };
});

describe("a nonce", () => {
  const nonces = new Nonces(CONFIG, secretOf("s".repeat(32)));

  test("is good in its own interval and the next, to the second", async () => {
    const nonce = await nonces.current(start + 10);
    for (const time of [start, start + 299, start + 300, start + 599]) {
      expect(await nonces.demand(nonce, time)).toBe(await nonces.current(time));
    }
    for (const time of [start - 1, start + 600, start + 86_400]) {
      expect(await answerTo(nonces.demand(nonce, time))).toMatchObject({ reason: "dpop_nonce_expired" });
    }
  });

  test("is of the characters that RFC 9449 section 8.1 allows, and of 192 bits", async () => {
    expect(await nonces.current(start)).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  test("is another with another secret, and with another lifetime", async () => {
    const others = [
      new Nonces(CONFIG, secretOf("t".repeat(32))),
      new Nonces({ ...CONFIG, lifetime: 301 }, secretOf("s".repeat(32))),
    ];
    for (const other of others) expect(await other.current(start)).not.toBe(await nonces.current(start));
  });

  test("of a secret that was replaced meanwhile is accepted, when the instance has read the new one", async () => {
    const [old, replaced] = [secretOf("old ".repeat(8), "new ".repeat(8)), secretOf("new ".repeat(8))];
    const [behind, ahead] = [new Nonces(CONFIG, old), new Nonces(CONFIG, replaced)];
    const nonce = await ahead.current(start);
    expect(await behind.demand(nonce, start)).toBe(nonce);
    expect(old.reads).toBe(1);
    expect(await behind.demand(nonce, start)).toBe(nonce);
    expect(old.reads).toBe(1);
  });

  test("that is only too old does not make the secret be read again", async () => {
    const secret = secretOf("s".repeat(32));
    const own = new Nonces(CONFIG, secret);
    const nonce = await own.current(start);
    expect(await answerTo(own.demand(nonce, start + 7200))).toMatchObject({ reason: "dpop_nonce_expired" });
    expect(await answerTo(own.demand(undefined, start))).toMatchObject({ reason: "dpop_nonce_missing" });
    expect(secret.reads).toBe(0);
  });

  test("whose secret cannot be read again is trouble", async () => {
    const failing = {
      ...secretOf("s".repeat(32)),
      newer: async () => Promise.reject(new TroubleError("secret_unavailable")),
    };
    const error = await answerTo(new Nonces(CONFIG, failing).demand("unknown", start));
    expect(error).toBeInstanceOf(TroubleError);
  });

  test("is accepted for the present and the previous interval and no other, whatever the times", async () => {
    const times = fc.tuple(
      fc.integer({ min: 30, max: 3600 }),
      fc.integer({ min: NOW, max: NOW + 100_000 }),
      fc.integer({ min: -10_000, max: 10_000 }),
    );
    await fc.assert(
      fc.asyncProperty(times, async ([lifetime, made, later]) => {
        const own = new Nonces({ ...CONFIG, lifetime }, secretOf("s".repeat(32)));
        const apart = Math.floor((made + later) / lifetime) - Math.floor(made / lifetime);
        const answer = await answerTo(own.demand(await own.current(made), made + later));
        if (apart === 0 || apart === 1) expect(answer).toBe(await own.current(made + later));
        else expect(answer).toMatchObject({ reason: "dpop_nonce_expired", dpopNonce: await own.current(made + later) });
        expect(answer instanceof Refusal).toBe(apart !== 0 && apart !== 1);
      }),
    );
  });
});
