import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { AUDIENCE, claims, ecKey, edKey, ISSUER, mint, mintHmac, rsaKey, segment } from "./mint.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

const rsa = rsaKey();
const ec = ecKey();
const ed = edKey();
const stranger = rsaKey("k1");
const weak = rsaKey("weak", "RS256", 1024);

const ENTRY = {
  issuer: ISSUER,
  audience: AUDIENCE,
  algorithms: ["RS256", "ES256", "EdDSA"],
  keys: { jwks: { keys: [rsa.jwk, ec.jwk, ed.jwk, weak.jwk] } },
} as unknown as Entry;

function providerOf(entry: Partial<Entry> = {}) {
  const { jwt } = configOf({ jwt: { issuers: [{ ...ENTRY, ...entry }] } });
  if (!jwt) throw new Error("no section");
  return jwtProvider(jwt);
}

const provider = providerOf();

async function verdictOn(token: string, by = provider) {
  const credential = { scheme: "bearer", value: token, location: { in: "header", name: "authorization" } } as const;
  const verdict = await by.verify(credential, requestFor("GET", "/a"), new AbortController().signal);
  return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
}

describe("accepted is a token of", () => {
  test.each([
    ["RS256", rsa],
    ["ES256", ec],
    ["EdDSA", ed],
  ])("%s", async (_name, key) => {
    expect(await verdictOn(mint(key))).toMatchObject({
      subject: "alice",
      issuer: ISSUER,
      kind: "user",
      expiresAt: NOW + 600,
    });
  });

  test.each([
    ...[rsaKey("k1", "RS384"), rsaKey("k1", "RS512"), rsaKey("k1", "PS256"), rsaKey("k1", "PS384")],
    ...[rsaKey("k1", "PS512"), ecKey("e1", "ES384", "P-384"), ecKey("e1", "ES512", "P-521")],
  ])("$alg, if its entry lists it", async (key) => {
    const algorithms = [key.alg] as Entry["algorithms"];
    const keys = { jwks: { keys: [key.jwk] } } as unknown as Entry["keys"];
    expect(await verdictOn(mint(key), providerOf({ algorithms, keys }))).toHaveProperty("subject", "alice");
  });

  test("an audience among others", async () => {
    expect(await verdictOn(mint(rsa, claims({ aud: ["https://other.example.com", AUDIENCE] })))).toHaveProperty(
      "subject",
    );
  });
});

/** 9999-12-31T23:59:59Z. */
const LATEST = 253_402_300_799;
const SIGNATURE = mint(rsa).split(".")[2] ?? "";
const other = (name: string, value: unknown) => mint(rsa, claims({ [name]: value }));

describe("refused by its text is a token", () => {
  const good = mint(rsa);
  const [head = "", body = "", signature = ""] = good.split(".");
  const spare = `${signature.slice(0, -1)}${String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1)}`;
  test.each([
    ["with two segments", `${head}.${body}`],
    ["with a fourth segment before it", `a.${good}`],
    ["with a space before it", ` ${good}`],
    ["with an empty signature", `${head}.${body}.`],
    ["with five segments (JWE)", `${head}.${body}.${signature}.a.b`],
    ["in JSON serialization", JSON.stringify({ protected: head, payload: body, signature })],
    ["with white space in a segment", `${head}.${body.slice(0, 4)} ${body.slice(4)}.${signature}`],
    ["with a newline behind it", `${good}\n`],
    ["with padding", `${good}==`],
    ["with other spare bits in its last character", `${head}.${body}.${spare}`],
    ["with a duplicate member", mint(rsa, `{"sub":"bob",${JSON.stringify(claims()).slice(1)}`)],
    ["with a duplicate member in its header", mint(rsa, claims(), '{"alg":"RS256","kid":"k1","alg":"RS256"}')],
    ["with a byte order mark", mint(rsa, `\ufeff${JSON.stringify(claims())}`)],
    ["whose payload is an array", mint(rsa, "[]")],
    ["whose payload is no JSON", mint(rsa, "x")],
    ["with 2,000 levels of nesting", mint(rsa, `{"a":${"[".repeat(2000)}${"]".repeat(2000)}}`)],
    ["with an exp of 1e400", mint(rsa, JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e400'))],
    ["with an exp of text", other("exp", "tomorrow")],
    ["with an exp of digits as a text", other("exp", String(NOW + 600))],
    ["with an exp of ten nines as a text", other("exp", "9999999999")],
    ["with an nbf of digits as a text", other("nbf", String(NOW - 10))],
    ["with an iat of digits as a text", other("iat", String(NOW - 10))],
    ["with an exp of true", other("exp", true)],
    ["with an exp in a list", other("exp", [NOW + 600])],
    ["with an exp beyond any calendar", other("exp", 1e15)],
    ["with an exp one second behind the last that a date can be written as", other("exp", LATEST + 1)],
    ["with a negative nbf", other("nbf", -1)],
    ["with nested audiences", other("aud", [[AUDIENCE]])],
    ["with an audience that is a number", other("aud", 5)],
    ["with a kid that is no text", mint(rsa, claims(), { kid: 5 })],
    ["with a kid in a list", mint(rsa, claims(), { kid: ["k1"] })],
    ["with a kid without end", mint(rsa, claims(), { kid: "k".repeat(257) })],
  ])("%s", async (_what, token) => {
    expect(await verdictOn(token)).toBe("token_malformed");
  });

  test("of 5 MB", async () => {
    expect(await verdictOn(other("x", "y".repeat(5_000_000)))).toBe("credential_too_large");
  });

  test("of one character more than the configuration allows, and none shorter", async () => {
    const by = (maxLength: number) => {
      const { jwt } = configOf({ jwt: { issuers: [ENTRY], maxLength } });
      if (!jwt) throw new Error("no section");
      return jwtProvider(jwt);
    };
    expect(await verdictOn(good, by(good.length))).toHaveProperty("subject", "alice");
    expect(await verdictOn(good, by(good.length - 1))).toBe("credential_too_large");
  });
});

describe("refused by its header is a token", () => {
  test.each([
    ["with an empty crit", { crit: [] }, "token_header_not_allowed"],
    ["with a crit of its own", { crit: ["b64"], b64: false }, "token_header_not_allowed"],
    ["with b64 without crit", { b64: false }, "token_header_not_allowed"],
    ["with zip", { zip: "DEF" }, "token_header_not_allowed"],
    ["with alg none", { alg: "none" }, "token_algorithm_not_allowed"],
    ["with alg NONE", { alg: "NONE" }, "token_algorithm_not_allowed"],
    ["with alg nOnE", { alg: "nOnE" }, "token_algorithm_not_allowed"],
    ["without alg", { alg: undefined }, "token_algorithm_not_allowed"],
    ["with alg HS256", { alg: "HS256" }, "token_algorithm_not_allowed"],
    ["with alg PS256, which the entry does not list", { alg: "PS256" }, "token_algorithm_not_allowed"],
    ["with alg RS512, which the entry does not list", { alg: "RS512" }, "token_algorithm_not_allowed"],
    ["that names a key nobody published", { kid: "k2" }, "token_key_unknown"],
    ["that names one with 256 characters, the most there may be", { kid: "k".repeat(256) }, "token_key_unknown"],
    ["that names a key made for another algorithm", { kid: "e1" }, "token_key_unknown"],
    ["that names a key too weak to prove anything", { kid: "weak" }, "token_key_weak"],
  ])("%s", async (_what, header, reason) => {
    expect(await verdictOn(mint(rsa, claims(), header))).toBe(reason);
  });

  test("of another type than its entry requires, spelled either way", async () => {
    const strict = providerOf({ types: ["at+jwt"] });
    expect(await verdictOn(mint(rsa), strict)).toBe("token_type_not_allowed");
    expect(await verdictOn(mint(rsa, claims(), { typ: undefined }), strict)).toBe("token_type_not_allowed");
    expect(await verdictOn(mint(rsa, claims(), { typ: "application/AT+JWT" }), strict)).toHaveProperty("subject");
  });
});

describe("refused by its claims is a token", () => {
  test.each([
    ["of an unknown issuer", claims({ iss: "https://evil.example.com" }), "token_issuer_unknown"],
    ["of an issuer in an array", claims({ iss: [ISSUER] }), "token_issuer_unknown"],
    ["without issuer", claims({ iss: undefined }), "token_issuer_unknown"],
    ["for another audience", claims({ aud: "https://other.example.com" }), "token_audience_mismatch"],
    ["without audience", claims({ aud: undefined }), "token_audience_mismatch"],
    ["without exp", claims({ exp: undefined }), "token_expiry_missing"],
    ["that ends now", claims({ exp: NOW }), "token_expired"],
    ["that ends within this second", claims({ exp: NOW + 0.9 }), "token_expired"],
    ["that begins beyond the tolerance", claims({ nbf: NOW + 6 }), "token_not_yet_valid"],
    ["issued beyond the tolerance", claims({ iat: NOW + 6 }), "token_issued_in_future"],
    ["without subject", claims({ sub: undefined }), "token_subject_missing"],
    ["with an empty subject", claims({ sub: "" }), "token_subject_missing"],
    ["with a subject that is a number", claims({ sub: 5 }), "token_subject_missing"],
    ["with a space behind its subject", claims({ sub: "alice " }), "token_subject_missing"],
    ["with U+00A0 before its subject", claims({ sub: "\u00a0alice" }), "token_subject_missing"],
    ["with U+FEFF behind its subject", claims({ sub: "alice\ufeff" }), "token_subject_missing"],
    ["with a line break in its subject", claims({ sub: "alice\nadmin" }), "token_subject_missing"],
    ["with scopes that are numbers", claims({ scope: [1] }), "token_claim_invalid"],
    ["with a quote in a scope", claims({ scope: 'a "b' }), "token_claim_invalid"],
    [
      "with more scopes than there can be",
      claims({ scope: Array.from({ length: 257 }, (_, i) => `s${i}`).join(" ") }),
      "token_claim_invalid",
    ],
  ])("%s", async (_what, payload, reason) => {
    expect(await verdictOn(mint(rsa, payload))).toBe(reason);
  });

  test.each([
    ["ends in a second", { exp: NOW + 1 }],
    ["begins within the tolerance", { nbf: NOW + 5 }],
    ["was issued within the tolerance", { iat: NOW + 5 }],
    ["begins, and was issued, with the epoch", { nbf: 0, iat: 0 }],
    ["ends in the last second that a date can be written as", { exp: LATEST }],
  ])("unless it %s", async (_what, overrides) => {
    expect(await verdictOn(mint(rsa, claims(overrides)))).toHaveProperty("subject", "alice");
  });

  test("unless its audience is one of several that its entry lists", async () => {
    const several = providerOf({ audience: ["https://other.example.com", AUDIENCE] });
    expect(await verdictOn(mint(rsa), several)).toHaveProperty("subject");
    expect(await verdictOn(mint(rsa, claims({ aud: "https://third.example.com" })), several)).toBe(
      "token_audience_mismatch",
    );
  });

  test("for an audience that is no text, even where its entry accepts any audience and none", async () => {
    const any = providerOf({ audience: undefined });
    expect(await verdictOn(mint(rsa, claims({ aud: "https://other.example.com" })), any)).toHaveProperty("subject");
    expect(await verdictOn(mint(rsa, claims({ aud: undefined })), any)).toHaveProperty("subject");
    expect(await verdictOn(mint(rsa, claims({ aud: [AUDIENCE, 5] })), any)).toBe("token_malformed");
  });

  test("older than its entry allows, or without an age", async () => {
    const strict = providerOf({ maxTokenAge: 60 });
    expect(await verdictOn(mint(rsa, claims({ iat: NOW - 60 })), strict)).toHaveProperty("subject");
    expect(await verdictOn(mint(rsa, claims({ iat: NOW - 61 })), strict)).toBe("token_too_old");
    expect(await verdictOn(mint(rsa, claims({ iat: undefined })), strict)).toBe("token_too_old");
  });

  test("without a claim that its entry requires", async () => {
    const strict = providerOf({ requiredClaims: { email_verified: true, azp: ["app1", "app2"] } });
    const verified = { email_verified: true, azp: "app2" };
    expect(await verdictOn(mint(rsa, claims(verified)), strict)).toHaveProperty("subject");
    expect(await verdictOn(mint(rsa, claims({ ...verified, azp: "app3" })), strict)).toBe("token_claim_invalid");
    expect(await verdictOn(mint(rsa, claims({ ...verified, email_verified: "true" })), strict)).toBe(
      "token_claim_invalid",
    );
    expect(await verdictOn(mint(rsa), strict)).toBe("token_claim_invalid");
  });
});

describe("refused by its signature is a token", () => {
  const input = mint(rsa).split(".").slice(0, 2).join(".");
  const es = mint(ec).split(".").slice(0, 2).join(".");
  test.each([
    ["of a key with the same kid", mint(stranger)],
    [
      "with another token's signature",
      `${mint(rsa, claims({ sub: "bob" }))
        .split(".")
        .slice(0, 2)
        .join(".")}.${SIGNATURE}`,
    ],
    ["with a short signature", `${input}.AAAA`],
    ["with an ES256 signature of zeros", `${es}.${Buffer.alloc(64).toString("base64url")}`],
    ["with an embedded key", mint(stranger, claims(), { jwk: stranger.jwk })],
    ["with a jku to follow", mint(stranger, claims(), { jku: "https://evil.example.com/keys" })],
  ])("%s", async (_what, token) => {
    expect(await verdictOn(token)).toBe("token_signature_invalid");
  });

  test("with a DER signature for ES256", async () => {
    const { sign } = await import("node:crypto");
    const der = sign("sha256", Buffer.from(es), ec.privateKey).toString("base64url");
    expect(await verdictOn(`${es}.${der}`)).toBe("token_signature_invalid");
  });

  test("made with the public key as an HMAC secret", async () => {
    const pem = rsa.publicKey.export({ format: "pem", type: "spki" });
    expect(await verdictOn(mintHmac(pem, claims(), { kid: "k1" }))).toBe("token_algorithm_not_allowed");
  });
});

test("no change of one character makes another valid token", async () => {
  const good = mint(rsa, claims({ scope: "orders:read" }));
  const letter = fc.constantFrom(..."ABCabc019-_.=+/ ");
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: good.length - 1 }), letter, async (index, replacement) => {
      fc.pre(good[index] !== replacement);
      const changed = good.slice(0, index) + replacement + good.slice(index + 1);
      expect(await verdictOn(changed)).toBeTypeOf("string");
    }),
    { numRuns: 400 },
  );
});

test("a token that nobody would believe is refused before its key is looked for", async () => {
  const asked: string[] = [];
  const { jwt } = configOf();
  if (!jwt) throw new Error("no section");
  const remote = jwtProvider(jwt, {
    fetch: async (url) => {
      asked.push(String(url));
      throw new Error("not to be asked");
    },
  });
  expect(await verdictOn(mint(rsa, claims({ exp: NOW })), remote)).toBe("token_expired");
  expect(await verdictOn(`${segment({ alg: "RS256" })}.${segment("x")}.AAAA`, remote)).toBe("token_malformed");
  expect(asked).toEqual([]);
});
