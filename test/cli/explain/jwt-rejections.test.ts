import { afterEach, describe, expect, test, vi } from "vitest";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { NOW } from "../../fixtures.ts";
import { AUDIENCE, claims, ecKey, ISSUER, mint, mintHmac, rsaKey, segment } from "../../providers/jwt/mint.ts";
import { expectationsIn, withCredential } from "./explained.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];
type Keys = Extract<Entry["keys"], { jwks: unknown }>;

const key = rsaKey("k1");
const stranger = rsaKey("k1");
const published = (...keys: { jwk: object }[]): Keys => ({
  jwks: { keys: keys.map(({ jwk }) => jwk as { kty: string }) },
});
const OTHER: Entry = { issuer: "https://login.example.net/t/v2.0", audience: AUDIENCE, keys: published(ecKey()) };

const config = (entry: Partial<Entry> = {}): Partial<SallyportConfig> => ({
  jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys: published(key), ...entry }, OTHER] },
});

async function rejected(token: string, entry: Partial<Entry> = {}) {
  const { stdout, stderr, explanation } = await withCredential(config(entry), `Bearer ${token}`);
  const printed = stdout + stderr + JSON.stringify(explanation);
  for (const part of token.split(".").filter((each) => each.length > 12)) expect(printed).not.toContain(part);
  return { reason: explanation.reason, expectations: expectationsIn(explanation), stdout };
}

const CLOCK = "2026-03-02T10:00:00Z, the time of the request";

test.each<[string, object, object, Partial<Entry>, string[]]>([
  [
    "token_audience_mismatch",
    { aud: "https://other.example.com" },
    {},
    {},
    [`aud: "${AUDIENCE}" / "https://other.example.com" (they differ from character 9 on)`],
  ],
  [
    "token_audience_mismatch",
    { aud: [`${AUDIENCE}/`, "b"] },
    {},
    {},
    [`aud: "${AUDIENCE}" / "${AUDIENCE}/", "b" (the configured one has no slash at its end)`],
  ],
  [
    "token_client_not_allowed",
    { client_id: "web" },
    {},
    { clientIds: ["app", "worker"] },
    ['client_id or azp or cid: one of "app", "worker" (clientIds) / "web"'],
  ],
  [
    "token_claim_invalid",
    { sub: "repo:acme/app:pull_request" },
    {},
    { requiredClaims: { sub: { like: "repo:acme/*:ref:refs/heads/main" } } },
    ['sub: like "repo:acme/*:ref:refs/heads/main" (requiredClaims) / "repo:acme/app:pull_request"'],
  ],
  ["token_audience_mismatch", { aud: undefined }, {}, { audience: ["a", "b"] }, ['aud: one of "a", "b" / none']],
  [
    "token_issuer_unknown",
    { iss: `${ISSUER}/` },
    {},
    {},
    [
      `iss: one of "${ISSUER}", "${OTHER.issuer}" / "${ISSUER}/" (the nearest is "${ISSUER}": the configured one has no slash at its end)`,
    ],
  ],
  [
    "token_issuer_unknown",
    { iss: "https://login.example.net/other" },
    {},
    {},
    [
      `iss: one of "${ISSUER}", "${OTHER.issuer}" / "https://login.example.net/other" (the nearest is "${OTHER.issuer}": they differ from character 27 on)`,
    ],
  ],
  ["token_issuer_unknown", { iss: 7 }, {}, {}, [`iss: one of "${ISSUER}", "${OTHER.issuer}" / 7`]],
  [
    "token_algorithm_not_allowed",
    {},
    {},
    { algorithms: ["ES256", "PS256"] },
    ['alg: one of "ES256", "PS256" / "RS256"'],
  ],
  [
    "token_type_not_allowed",
    {},
    {},
    { types: ["at+jwt"] },
    ['typ (header): "at+jwt" (types) / "JWT"', "claims: none that announces another kind of token / none"],
  ],
  [
    "token_type_not_allowed",
    { token_use: "id", at_hash: "x" },
    {},
    {},
    [
      'typ (header): none, or "JWT", "JOSE" or "at+jwt" / "JWT"',
      'claims: none that announces another kind of token / token_use "id", at_hash (a hash as at_hash makes it an ID token: send the access token)',
    ],
  ],
  [
    "token_confirmation_unsupported",
    { cnf: { kid: "x" } },
    {},
    {},
    ['cnf: "x5t#S256", "jkt", or both, and nothing else / "kid"'],
  ],
  [
    "token_header_not_allowed",
    {},
    { crit: ["b64"] },
    {},
    ['header: none of crit, zip, b64 / "alg", "kid", "typ", "crit"'],
  ],
  ["token_expired", { exp: NOW - 600 }, {}, {}, [`exp: later than ${CLOCK} / 2026-03-02T09:50:00Z, 10 min earlier`]],
  ["token_expired", { exp: NOW }, {}, {}, [`exp: later than ${CLOCK} / 2026-03-02T10:00:00Z, the same second`]],
  ["token_expiry_missing", { exp: undefined }, {}, {}, ["exp: seconds since the epoch / none"]],
  [
    "token_not_yet_valid",
    { nbf: NOW + 65 },
    {},
    {},
    [
      "nbf: at the latest 2026-03-02T10:00:05Z, the time of the request and 5 s of clockTolerance / 2026-03-02T10:01:05Z, 65 s later",
    ],
  ],
  [
    "token_issued_in_future",
    { iat: NOW + 7200 },
    {},
    {},
    [
      "iat: at the latest 2026-03-02T10:00:05Z, the time of the request and 5 s of clockTolerance / 2026-03-02T12:00:00Z, 2 h later",
    ],
  ],
  [
    "token_too_old",
    { iat: NOW - 61 },
    {},
    { maxTokenAge: 60 },
    ["iat: at most 60 s (maxTokenAge) before the request / 2026-03-02T09:58:59Z, 61 s earlier"],
  ],
  ["token_malformed", { exp: "soon" }, {}, {}, ["exp: a number of seconds since the epoch / a text"]],
  [
    "token_malformed",
    { iat: NOW * 1000 },
    {},
    {},
    [`iat: a number of seconds since the epoch / ${NOW * 1000}, which is in milliseconds`],
  ],
  [
    "token_subject_missing",
    { sub: " alice" },
    {},
    {},
    [
      'sub: a text of 1 to 256 characters without white space at its edges / " alice" (the token has the claims "iss", "aud", "sub", "client_id", "iat", "exp")',
    ],
  ],
  [
    "token_claim_invalid",
    { use: "b" },
    {},
    { requiredClaims: { use: "a", token: ["x", "y"] } },
    ['use: "a" (requiredClaims) / "b"', 'token: one of "x", "y" (requiredClaims) / none'],
  ],
  [
    "token_claim_invalid",
    { realm: { roles: [7] } },
    {},
    { claims: { roles: [["realm", "roles"]] } },
    ["realm → roles (roles): a text, or a list of at most 256 texts / 7"],
  ],
  [
    "token_claim_invalid",
    { plan: {} },
    {},
    { claims: { attributes: { plan: "plan" } } },
    ["plan (plan): a text of at most 1024 characters, a number, true or false / an object with nothing"],
  ],
  [
    "token_claim_invalid",
    { quota: ["usage-key-secret"] },
    {},
    { claims: { usageIdentifierKey: "quota" } },
    ["quota (usageIdentifierKey): a text of 1 to 256 characters / a value that is not shown"],
  ],
  [
    "token_key_unknown",
    {},
    { kid: "k9" },
    {},
    [
      'kid: one of the issuer\'s keys: "k1" RS256 / "k9", "RS256" (no key of the issuer has this kid: was it rotated, or is the token another environment\'s?)',
    ],
  ],
])("%s of %j, %j says what was expected and found", async (reason, payload, header, entry, expected) => {
  const { stdout, ...found } = await rejected(mint(key, claims(payload as Record<string, unknown>), header), entry);
  expect(found).toEqual({ reason, expectations: expected });
  expect(stdout).toContain(`jwt: rejected: ${reason}`);
});

describe("a signature", () => {
  test("by another key names the kid, and prints neither the key nor the signature", async () => {
    const { expectations } = await rejected(mint(stranger));
    expect(expectations).toEqual([
      'kid: one of the issuer\'s keys: "k1" RS256 / "k1", "RS256" (the key of this kid did not make the signature)',
    ]);
  });

  test("by another shared secret does not say more", async () => {
    vi.stubEnv("EXPLAIN_TEST_SECRET", "s".repeat(40));
    const entry: Partial<Entry> = { algorithms: ["HS256"], keys: { secret: { environment: "EXPLAIN_TEST_SECRET" } } };
    const { expectations, stdout } = await rejected(mintHmac("t".repeat(40)), entry);
    expect(expectations).toEqual([
      expect.stringMatching(/^key: a signature by the shared secret .* another signature/),
    ]);
    expect(stdout).not.toMatch(/s{20}|t{20}/);
    vi.unstubAllEnvs();
  });
});

describe("keys of a server", () => {
  afterEach(() => vi.unstubAllGlobals());

  const long = rsaKey("NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg");
  const serve = (documents: Readonly<Record<string, unknown>>) => {
    const fetch = vi.fn(async (url: string) =>
      Response.json(documents[url] ?? {}, { status: documents[url] ? 200 : 404 }),
    );
    vi.stubGlobal("fetch", fetch);
    return fetch;
  };

  test("are named as the authorizer found them, without another request", async () => {
    const fetch = serve({ "https://id.example.com/keys": published(long, ecKey("e1")).jwks });
    const { expectations } = await rejected(mint(key), { keys: { jwksUri: "https://id.example.com/keys" } });
    expect(expectations[0]).toContain('one of the issuer\'s keys: "NjVBRjY5…" RS256; "e1" ES256 / "k1", "RS256"');
    // Twice for each of the two runs: the set, and a newer one for the unknown kid.
    expect(fetch.mock.calls.length).toBeLessThanOrEqual(4);
  });

  test("are found by discovery too", async () => {
    serve({
      [`${ISSUER}/.well-known/openid-configuration`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` },
      [`${ISSUER}/jwks`]: published(rsaKey("r2")).jwks,
    });
    const { expectations } = await rejected(mint(key), { keys: { discovery: true } });
    expect(expectations[0]).toContain('"r2" RS256 / "k1", "RS256"');
  });

  test("of which none is for the entry's algorithms are trouble, and named", async () => {
    serve({ "https://id.example.com/keys": published(ecKey("e1")).jwks });
    const { reason, expectations } = await rejected(mint(key), { keys: { jwksUri: "https://id.example.com/keys" } });
    expect(reason).toBe("key_set_unavailable");
    expect(expectations).toEqual([
      'kid: one of the issuer\'s keys: "e1" ES256 / "k1", "RS256" (none of them is for RS256)',
    ]);
  });

  test("that cannot be fetched are trouble, with the classes of the errors", async () => {
    serve({});
    const { explanation } = await withCredential(
      config({ keys: { jwksUri: "https://id.example.com/keys" } }),
      `Bearer ${mint(key)}`,
    );
    expect(explanation.credentials[0]).toMatchObject({
      reason: "key_set_unavailable",
      cause: expect.stringContaining("HTTP_404"),
    });
  });
});

describe("a token that cannot be read says where:", () => {
  const [header = "", payload = "", signature = ""] = mint(key).split(".");
  test.each<[string, string, string]>([
    [
      "cut off",
      `${header}.${payload}`,
      "form: a signed JWT: header.payload.signature / 2 segments, as of a token that is cut off",
    ],
    [
      "encrypted",
      `${header}.a.b.c.d`,
      "form: a signed JWT: header.payload.signature / 5 segments, as of an encrypted JWT",
    ],
    [
      "a duplicate claim",
      `${header}.${segment('{"a":1,"a":2}')}.${signature}`,
      "payload: a JSON object without duplicate members / a duplicate member",
    ],
    [
      "a header of another kind",
      `${segment("[]")}.${payload}.${signature}`,
      "header: a JSON object without duplicate members / not an object",
    ],
    [
      "padding",
      `${header}.${payload}.${signature}==`,
      "signature: base64url without padding / characters that are not, or spare bits: it may be cut off",
    ],
    ["no signature", `${header}.${payload}.`, "signature: base64url / an empty segment"],
  ])("%s", async (_, token, expected) => {
    expect(await rejected(token)).toMatchObject({ reason: "token_malformed", expectations: [expected] });
  });

  test("too long", async () => {
    const token = mint(key, claims({ filler: "x".repeat(9000) }));
    expect((await rejected(token)).expectations).toEqual([
      `length: at most 8192 characters (maxLength) / ${token.length} characters`,
    ]);
  });
});

describe("what a credential says is masked", () => {
  const secret = "sk_live_9aB8cD7eF6gH5iJ4kL3mN2oP1qR0";

  test.each<[string, object, Partial<Entry>]>([
    ["in aud", { aud: secret }, {}],
    ["in iss", { iss: `https://user:${secret}@id.example.com/?token=${secret}` }, {}],
    ["in a required claim", { use: secret }, { requiredClaims: { use: "a" } }],
    ["in the subject", { sub: `${secret} ` }, {}],
    ["in a mapped claim", { plan: [secret, {}] }, { claims: { attributes: { plan: "plan" } } }],
  ])("%s, where it looks like a secret", async (_, payload, entry) => {
    const { stdout } = await rejected(mint(key, claims(payload as Record<string, unknown>)), entry);
    expect(stdout).not.toContain(secret);
    expect(stdout).toContain("found");
  });

  test("but for GUIDs, which name tenants and applications", async () => {
    const guid = "11111111-2222-4333-8444-555555555555";
    const { expectations } = await rejected(mint(key, claims({ aud: `api://${guid}` })));
    expect(expectations[0]).toContain(`"api://${guid}"`);
  });

  test("and does not steer the terminal", async () => {
    const { stdout } = await rejected(mint(key, claims({ aud: "a\u202eb", client_id: "\u001b[2J" })));
    expect(stdout).toContain('"a\\u{202e}b"');
    for (const character of ["\u001b", "\u202e"]) expect(stdout).not.toContain(character);
  });
});
