import { describe, expect, test } from "vitest";
import { verifySignature } from "../../../providers/jwt/signature.ts";
import { ecKey, mint, rsaKey } from "./mint.ts";

const first = rsaKey("first");
const second = rsaKey("second");
const elliptic = ecKey();
const ps = { ...first, alg: "PS256" };

describe("a signature is verified", () => {
  test("with the key that made it, wherever it stands", async () => {
    const token = mint(second);
    expect(await verifySignature(token, [second.publicKey], "RS256")).toBe(second.publicKey);
    expect(await verifySignature(token, [first.publicKey, second.publicKey], "RS256")).toBe(second.publicKey);
    expect(await verifySignature(token, [second.publicKey, first.publicKey], "RS256")).toBe(second.publicKey);
  });

  test("with no key, if none made it", async () => {
    expect(await verifySignature(mint(second), [first.publicKey], "RS256")).toBeUndefined();
    expect(await verifySignature(mint(second), [], "RS256")).toBeUndefined();
  });

  test("only with the algorithm of the header", async () => {
    expect(await verifySignature(mint(ps), [first.publicKey], "PS256")).toBe(first.publicKey);
    expect(await verifySignature(mint(ps), [first.publicKey], "RS256")).toBeUndefined();
    expect(await verifySignature(mint(elliptic), [elliptic.publicKey], "RS256")).toBeUndefined();
  });

  test("or is trouble, if the key is of another kind than the algorithm", async () => {
    await expect(verifySignature(mint(first), [elliptic.publicKey], "RS256")).rejects.toThrow("Invalid key type");
  });
});
