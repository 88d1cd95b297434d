import { createSecretKey } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import { type VerifiedToken, VerifiedTokens } from "../../../providers/jwt/verified-tokens.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, NOW, requestFor, user } from "../../fixtures.ts";
import { AUDIENCE, claims, ISSUER, mint, mintHmac, rsaKey, type SigningKey } from "./mint.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

const first = rsaKey("first");
const second = rsaKey("first");
const other = rsaKey("other");

let published: SigningKey[];
let verifications: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  verifications = 0;
  const verify = crypto.subtle.verify.bind(crypto.subtle);
  vi.spyOn(crypto.subtle, "verify").mockImplementation((...given) => {
    verifications++;
    return verify(...given);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function providerOf(entry: Partial<Entry> = {}) {
  const { jwt } = configOf({
    jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys: { jwksUri: `${ISSUER}/keys` }, ...entry }] },
  });
  if (!jwt) throw new Error("no section");
  const fetch = async () => new Response(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }));
  const provider = jwtProvider(jwt, { fetch });
  return async (value: string) => {
    const request = requestFor("GET", "/a", { time: Math.floor(Date.now() / 1000) });
    const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
    const verdict = await provider.verify(credential, request, new AbortController().signal);
    return "reason" in verdict ? verdict.reason : verdict.status;
  };
}

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

describe("a token that was verified before", () => {
  beforeEach(() => {
    published = [first];
  });

  test("is not verified again", async () => {
    const verdictOn = providerOf();
    const token = mint(first);
    for (let time = 0; time < 5; time++) expect(await verdictOn(token)).toBe("authenticated");
    expect(verifications).toBe(1);
  });

  test("is refused from the second on in which it expires", async () => {
    const verdictOn = providerOf();
    const token = mint(first, claims({ exp: NOW + 60 }));
    expect(await verdictOn(token)).toBe("authenticated");
    pass(59);
    expect(await verdictOn(token)).toBe("authenticated");
    pass(1);
    expect(await verdictOn(token)).toBe("token_expired");
  });

  test("is refused from the second on in which it is too old", async () => {
    const verdictOn = providerOf({ maxTokenAge: 60 });
    const token = mint(first, claims({ iat: NOW, exp: NOW + 600 }));
    expect(await verdictOn(token)).toBe("authenticated");
    pass(61);
    expect(await verdictOn(token)).toBe("token_too_old");
  });

  test("is not verified again when the key set has been fetched again and has not changed", async () => {
    const verdictOn = providerOf();
    const token = mint(first, claims({ exp: NOW + 7200 }));
    expect(await verdictOn(token)).toBe("authenticated");
    pass(601);
    expect(await verdictOn(token)).toBe("authenticated");
    expect(verifications).toBe(1);
  });

  test("is verified again when the key set has changed, and refused if its key is gone", async () => {
    const verdictOn = providerOf();
    const token = mint(first, claims({ exp: NOW + 7200 }));
    expect(await verdictOn(token)).toBe("authenticated");
    published = [first, other];
    pass(601);
    expect(await verdictOn(token)).toBe("authenticated");
    expect(verifications).toBe(2);
    published = [second];
    pass(601);
    expect(await verdictOn(token)).toBe("token_signature_invalid");
  });

  test("is not the same token with another signature, another claim or another spelling", async () => {
    const verdictOn = providerOf();
    const token = mint(first);
    expect(await verdictOn(token)).toBe("authenticated");
    const [header, payload] = token.split(".");
    expect(await verdictOn(`${header}.${payload}.${mint(first, claims({ sub: "bob" })).split(".")[2]}`)).toBe(
      "token_signature_invalid",
    );
    expect(await verdictOn(`${token}=`)).toBe("token_malformed");
    expect(await verdictOn(mint(second))).toBe("token_signature_invalid");
  });

  test("is checked again where the clock was set back before its nbf", async () => {
    const verdictOn = providerOf({ clockTolerance: 0 });
    const token = mint(first, claims({ nbf: NOW, iat: NOW - 100 }));
    expect(await verdictOn(token)).toBe("authenticated");
    pass(-10);
    expect(await verdictOn(token)).toBe("token_not_yet_valid");
  });

  test("of a shared secret is known too", async () => {
    vi.stubEnv("SHARED", "s".repeat(32));
    const verdictOn = providerOf({ algorithms: ["HS256"], keys: { secret: { environment: "SHARED" } } });
    const token = mintHmac("s".repeat(32));
    expect([await verdictOn(token), await verdictOn(token)]).toEqual(["authenticated", "authenticated"]);
    expect(verifications).toBe(1);
  });

  test("that was refused is not remembered", async () => {
    const verdictOn = providerOf();
    const forged = mint(second);
    expect([await verdictOn(forged), await verdictOn(forged)]).toEqual([
      "token_signature_invalid",
      "token_signature_invalid",
    ]);
    expect(verifications).toBe(2);
  });
});

describe("the tokens that are remembered", () => {
  const source = { find: async () => [], findNewer: async () => [] };
  const token = (): VerifiedToken => ({
    ...{ source, kid: undefined, algorithm: "RS256", key: createSecretKey(Buffer.alloc(32)) },
    ...{ principal: user({ expiresAt: NOW + 60 }), binding: { cnf: undefined, required: undefined }, checkedAt: NOW },
  });

  test("are a thousand at most, the newest", () => {
    const tokens = new VerifiedTokens();
    for (let index = 0; index < 1001; index++) tokens.remember(`token-${index}`, token());
    expect(tokens.find("token-0", NOW)).toBeUndefined();
    expect(tokens.find("token-1", NOW)).toBeDefined();
    expect(tokens.find("token-1000", NOW)).toBeDefined();
  });

  test("have a million characters at most", () => {
    const tokens = new VerifiedTokens();
    const text = (index: number) => `${index}`.padEnd(10_000, "x");
    for (let index = 0; index < 101; index++) tokens.remember(text(index), token());
    expect(tokens.find(text(0), NOW)).toBeUndefined();
    expect(tokens.find(text(1), NOW)).toBeDefined();
  });

  test("a token that is remembered twice counts once", () => {
    const tokens = new VerifiedTokens();
    for (let index = 0; index < 200; index++) tokens.remember("x".repeat(10_000), token());
    tokens.remember("other", token());
    expect(tokens.find("x".repeat(10_000), NOW)).toBeDefined();
  });
});
