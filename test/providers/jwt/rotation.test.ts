import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { KEY_SET_TIMES } from "../../../providers/jwt/remote-jwks.ts";
import { fakeClocks, pass } from "../../shared/infrastructure/remote/clocks.ts";
import { KeyServer } from "./key-server.ts";
import { claims, mint, rsaKey, type SigningKey } from "./mint.ts";

const { size, refill } = KEY_SET_TIMES.budget;
const first = rsaKey("first");
const second = rsaKey("second");
const third = rsaKey("third");
const stranger = rsaKey("stranger");
const firstAgain = rsaKey("first");
const nameless = rsaKey(undefined);
const namelessAgain = rsaKey(undefined);

let server: KeyServer;
beforeEach(() => {
  fakeClocks();
  server = new KeyServer();
  server.publish(first);
});
afterEach(() => vi.useRealTimers());

/** A provider that has fetched its keys. */
async function warmProvider(key = first) {
  const { judge, judgeText } = server.provider();
  expect(await judge(key)).toBe("authenticated");
  server.asked.length = 0;
  return { judge, judgeText };
}

describe("a token of a new key is accepted at once", () => {
  test.each<[string, SigningKey, SigningKey[], SigningKey]>([
    ["under a new kid", first, [first, second], second],
    ["under the kid of another key", first, [firstAgain], firstAgain],
    ["without a kid", nameless, [namelessAgain], namelessAgain],
    ["beside an old one of the same kid", first, [first, firstAgain], firstAgain],
    ["beside an old one without a kid", nameless, [nameless, namelessAgain], namelessAgain],
  ])("%s", async (_how, before, after, signer) => {
    server.publish(before);
    const { judge } = await warmProvider(before);
    server.publish(...after);
    expect(await judge(signer)).toBe("authenticated");
    expect(server.asked).toEqual(["/keys"]);
  });

  test("after a token of an unknown kid and one with a bad signature", async () => {
    const { judge } = await warmProvider();
    expect(await judge(stranger)).toBe("token_key_unknown");
    expect(await judge(stranger, { kid: "first" })).toBe("token_signature_invalid");
    server.publish(first, second);
    expect(await judge(second)).toBe("authenticated");
  });

  test("several times in a row", async () => {
    const { judge } = await warmProvider();
    for (const keys of [[second], [third], [first]]) {
      server.publish(...keys);
      for (const key of keys) expect(await judge(key)).toBe("authenticated");
    }
  });
});

describe("a flood of forged tokens", () => {
  const flood = async (judge: (key: SigningKey, header: object) => Promise<string>, kid: (index: number) => string) => {
    const reasons = new Map<string, number>();
    for (let time = 0; time < 55_000; time += 250) {
      const reason = await judge(stranger, { kid: kid(time) });
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      await pass(250);
    }
    return reasons;
  };
  /** The bound that docs/configuration.md states. */
  const MAX_FETCHES = 5 + 55_000 / 5000 - 1;

  test("with random kids makes few fetches, and is open in between", async () => {
    const { judge } = await warmProvider();
    const reasons = await flood(judge, (index) => `kid-${index}`);
    expect(server.asked).toHaveLength(MAX_FETCHES);
    expect([...reasons]).toEqual([
      ["token_key_unknown", MAX_FETCHES],
      ["key_set_unavailable", 220 - MAX_FETCHES],
    ]);
  });

  test("with the kid of a known key makes as few, and is refused", async () => {
    const { judge } = await warmProvider();
    const reasons = await flood(judge, () => "first");
    expect(server.asked).toHaveLength(MAX_FETCHES);
    expect([...reasons.keys()]).toEqual(["token_signature_invalid"]);
  });

  test("with the kid of a withdrawn key makes as few, and is refused", async () => {
    const { judge } = await warmProvider();
    const reasons = await flood(judge, () => "withdrawn");
    expect(server.asked).toHaveLength(MAX_FETCHES);
    expect([...reasons.keys()]).toEqual(["token_key_unknown"]);
  });

  test("never refuses a token of a known key, nor verifies it again", async () => {
    const { judge, judgeText } = await warmProvider();
    const token = mint(first, claims({ exp: Math.floor(Date.now() / 1000) + 600 }));
    await judgeText(token);
    const verify = vi.spyOn(crypto.subtle, "verify");
    for (let index = 0; index < 100; index++) {
      await judge(stranger, { kid: `kid-${index}` });
      expect(await judgeText(token)).toBe("authenticated");
    }
    expect(verify).not.toHaveBeenCalled();
    verify.mockRestore();
  });

  test("leaves a new key open, and not refused, for five seconds at most", async () => {
    const { judge } = await warmProvider();
    for (let index = 0; index < size; index++) await judge(stranger, { kid: `kid-${index}` });
    server.publish(first, second);
    expect(await judge(second)).toBe("key_set_unavailable");
    await pass(refill - 1);
    expect(await judge(second)).toBe("key_set_unavailable");
    await pass(1);
    expect(await judge(second)).toBe("authenticated");
    expect(refill).toBe(5000);
  });

  test("of 1,000 kids at the same time makes one fetch", async () => {
    const { judge } = await warmProvider();
    await Promise.all(Array.from({ length: 1000 }, (_, index) => judge(stranger, { kid: `kid-${index}` })));
    expect(server.asked).toEqual(["/keys"]);
  });
});

describe("a key server that fails", () => {
  test("once at the first fetch is forgiven half a second later", async () => {
    server.fail("/keys");
    const { judge } = server.provider();
    expect(await judge(first)).toBe("key_set_unavailable");
    server.publish(first);
    await pass(500);
    expect(await judge(first)).toBe("authenticated");
  });

  test("while a token of an unknown kid asks leaves it open, and the known keys in use", async () => {
    const { judge } = await warmProvider();
    server.fail("/keys");
    expect(await judge(second)).toBe("key_set_unavailable");
    expect(await judge(first)).toBe("authenticated");
  });

  test("while a token with a bad signature asks leaves it open", async () => {
    const { judge } = await warmProvider();
    server.fail("/keys");
    expect(await judge(firstAgain)).toBe("key_set_unavailable");
  });

  test("is noticed within two seconds of its return after 150 seconds", async () => {
    server.fail("/keys");
    const { judge } = server.provider();
    for (let time = 0; time < 150_000; time += 100) {
      expect(await judge(first)).toBe("key_set_unavailable");
      await pass(100);
    }
    expect(server.asked.length).toBeLessThanOrEqual(2 + 150 / 2);
    server.publish(first);
    await pass(2000);
    expect(await judge(first)).toBe("authenticated");
  });
});

describe("a refusal that no key can change asks for none:", () => {
  test.each<[string, object, string]>([
    ["an expired token", claims({ exp: 1 }), "token_expired"],
    ["another audience", claims({ aud: "https://other.example.com" }), "token_audience_mismatch"],
    ["a token without a subject", claims({ sub: undefined }), "token_subject_missing"],
  ])("%s", async (_what, payload, reason) => {
    const { judgeText } = await warmProvider();
    expect(await judgeText(mint(first, payload))).toBe(reason);
    expect(server.asked).toEqual([]);
  });

  test("a bad signature where the keys are in the configuration", async () => {
    const { jwk } = first;
    const { judge } = server.provider({ keys: { jwks: { keys: [jwk as { kty: "RSA" }] } } });
    expect(await judge(firstAgain)).toBe("token_signature_invalid");
    expect(await judge(second)).toBe("token_key_unknown");
    expect(server.asked).toEqual([]);
  });

  test("a key that is too weak", async () => {
    const weak = rsaKey("weak", "RS256", 1024);
    server.publish(first, weak);
    const { judge } = await warmProvider();
    expect(await judge(weak)).toBe("token_key_weak");
    expect(server.asked).toEqual([]);
  });
});
