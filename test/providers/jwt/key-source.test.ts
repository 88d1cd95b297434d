import { beforeEach, describe, expect, test } from "vitest";
import { discoveredAddress } from "../../../providers/jwt/discovered-address.ts";
import { createKeySource } from "../../../providers/jwt/key-source.ts";
import { configOf } from "../../fixtures.ts";
import { KeyServer } from "./key-server.ts";
import { AUDIENCE, ISSUER, rsaKey } from "./mint.ts";

const first = rsaKey("first");
const firstAgain = rsaKey("first");

let server: KeyServer;
beforeEach(() => {
  server = new KeyServer();
  server.publish(first);
});

function sourceOf() {
  const keys = { jwksUri: `${ISSUER}/keys` };
  const [entry] = configOf({ jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys }] } }).jwt?.issuers ?? [];
  if (!entry) throw new Error("no issuer");
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
});

test("an address that was never discovered is an error, and no address", async () => {
  const address = discoveredAddress(ISSUER, server.fetch);
  await expect(address.current(new AbortController().signal)).rejects.toThrow("status 404");
});
