import { beforeEach, describe, expect, test } from "vitest";
import { discoveredAddress } from "../../../providers/jwt/discovered-address.ts";
import { createKeySource } from "../../../providers/jwt/key-source.ts";
import { signsTokens } from "../../../shared/domain/config/jwt.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf } from "../../fixtures.ts";
import { KeyServer } from "./key-server.ts";
import { AUDIENCE, ISSUER, rsaKey } from "./mint.ts";

const first = rsaKey("first");
const firstAgain = rsaKey("first");

type Keys = NonNullable<SallyportConfig["jwt"]>["issuers"][number]["keys"];

let server: KeyServer;
beforeEach(() => {
  server = new KeyServer();
  server.publish(first);
});

function sourceOf(keys: Keys = { jwksUri: `${ISSUER}/keys` }) {
  const [entry] = configOf({ jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys }] } }).jwt?.issuers ?? [];
  if (!entry || !signsTokens(entry)) throw new Error("no issuer");
  return createKeySource(entry, server.fetch);
}

describe("newer keys than those that were tried", () => {
  test("are none if the issuer has no others, so that no signature is verified twice", async () => {
    const source = sourceOf();
    const tried = await source.find("first", "RS256");
    expect(await source.findNewer("first", "RS256", tried)).toEqual([]);
    expect(server.asked).toHaveLength(2);
  });

  test("are those that another request has fetched in the meantime, without another fetch", async () => {
    const source = sourceOf();
    const tried = await source.find("first", "RS256");
    server.publish(firstAgain);
    await source.findNewer("first", "RS256", tried);
    expect(server.asked).toHaveLength(2);
    const [newer, ...others] = await source.findNewer("first", "RS256", tried);
    expect(newer?.equals(firstAgain.publicKey)).toBe(true);
    expect(others).toEqual([]);
    expect(server.asked).toHaveLength(2);
  });

  test("do not include those that were tried and are still published", async () => {
    const source = sourceOf();
    const tried = await source.find("first", "RS256");
    server.publish(first, firstAgain);
    const newer = await source.findNewer("first", "RS256", tried);
    expect(newer).toHaveLength(1);
    expect(newer[0]?.equals(firstAgain.publicKey)).toBe(true);
  });

  test("do not include any of several that were tried", async () => {
    const third = rsaKey("first");
    server.publish(first, firstAgain);
    const source = sourceOf();
    const tried = await source.find("first", "RS256");
    expect(tried).toHaveLength(2);
    server.publish(first, firstAgain, third);
    const newer = await source.findNewer("first", "RS256", tried);
    expect(newer).toHaveLength(1);
    expect(newer[0]?.equals(third.publicKey)).toBe(true);
  });
});

describe("a key set that cannot be used names its cause:", () => {
  test.each<[string, object, string]>([
    ["no list of keys", {}, "the key set holds nothing usable"],
    ["keys that are no list", { keys: "none" }, "the key set holds nothing usable"],
    ["none but private keys", { keys: [{ ...first.jwk, d: "AAAA" }] }, "the key set holds nothing usable"],
  ])("%s", async (_what, document, message) => {
    server.answer("/keys", document);
    await expect(sourceOf().find("first", "RS256")).rejects.toMatchObject({
      reason: "key_set_unavailable",
      cause: { message },
    });
  });

  test("in the configuration, keys that are all damaged are trouble, and no refusal", async () => {
    const keys = { jwks: { keys: [{ kty: "RSA", kid: "first", alg: "RS256" }] } };
    const source = sourceOf(keys);
    await expect(source.find("first", "RS256")).rejects.toMatchObject({ reason: "key_set_unavailable" });
  });
});

describe("a key that is too weak", () => {
  const weak = rsaKey("second", "RS256", 1024);

  test("is named as such also if it was published a moment ago", async () => {
    const source = sourceOf();
    await source.find("first", "RS256");
    server.publish(first, weak);
    await expect(source.find("second", "RS256")).rejects.toMatchObject({ reason: "token_key_weak" });
  });
});

test("an address that was never discovered is an error, and no address", async () => {
  const address = discoveredAddress(ISSUER, server.fetch);
  await expect(address.current(new AbortController().signal)).rejects.toThrow("status 404");
});
