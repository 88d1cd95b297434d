import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { NOW } from "../../fixtures.ts";
import { type Entry, entryOf, SECRET, TokenServer, USER } from "../../providers/introspection/fixture.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "../../providers/jwt/mint.ts";
import { expectationsIn, withCredential } from "./explained.ts";

let server: TokenServer;
beforeEach(() => {
  process.env[SECRET] = "s3cret";
  server = new TokenServer();
  vi.stubGlobal("fetch", server.fetch);
});
afterEach(() => {
  delete process.env[SECRET];
  vi.unstubAllGlobals();
});

const TOKEN = "opaque-token-of-alice";
const config = (entry = entryOf()): Partial<SallyportConfig> => ({ jwt: { issuers: [entry] } });

async function rejected(token: string, entry: Entry = entryOf()) {
  const { stdout, stderr, explanation } = await withCredential(config(entry), `Bearer ${token}`);
  expect(stdout + stderr + JSON.stringify(explanation)).not.toContain(token);
  return { reason: explanation.reason, expectations: expectationsIn(explanation) };
}

test.each<[string, object, string[]]>([
  [
    "token_inactive",
    { active: false },
    ["active: true / false (was it revoked, has it ended, or is it another environment's?)"],
  ],
  ["introspection_unavailable", { active: "true" }, ['active: true or false (RFC 7662) / "true"']],
  [
    "token_audience_mismatch",
    { active: true, ...USER, aud: "https://other.example.com" },
    [`aud: "${AUDIENCE}" / "https://other.example.com" (they differ from character 9 on)`],
  ],
  [
    "token_issuer_unknown",
    { active: true, ...USER, iss: "https://b.example.com" },
    [`iss: "${ISSUER}" / "https://b.example.com"`],
  ],
  [
    "token_confirmation_unsupported",
    { active: true, ...USER, token_type: "DPoP" },
    ['cnf: "x5t#S256", "jkt", or both, and nothing else / none'],
  ],
  [
    "token_subject_missing",
    { active: true, ...USER, sub: undefined },
    [expect.stringContaining("sub: a text") as unknown as string],
  ],
])("explain says of %s what the server answered", async (reason, answer, expectations) => {
  server.say(answer);
  expect(await rejected(TOKEN)).toEqual({ reason, expectations });
});

test("explain says which characters an opaque token may have", async () => {
  expect(await rejected("a+b%c")).toEqual({
    reason: "token_malformed",
    expectations: ["characters: letters, digits and any of ._~+/-, with = at the end / others"],
  });
});

test("explain reads the answer at the endpoint of the discovery document", async () => {
  server.answer = (_token, { url }) =>
    Response.json(
      url.includes(".well-known") ? { issuer: ISSUER, introspection_endpoint: `${ISSUER}/i` } : { active: false },
    );
  expect(await rejected(TOKEN, entryOf({ endpoint: undefined }))).toMatchObject({
    reason: "token_inactive",
    expectations: [expect.stringContaining("active")],
  });
});

test("explain says of a JWT that was asked about what the server answered", async () => {
  const key = rsaKey();
  const entry = entryOf({ tokens: "jwt" }, { keys: { jwks: { keys: [key.jwk] } } as unknown as Entry["keys"] });
  const token = mint(key, claims({ iat: NOW, exp: NOW + 600 }));
  server.say({ active: false });
  expect(await rejected(token, entry)).toMatchObject({
    reason: "token_inactive",
    expectations: [expect.stringContaining("active")],
  });
  server.say({ active: true, aud: "https://other.example.com" });
  expect(await rejected(token, entry)).toMatchObject({
    reason: "token_audience_mismatch",
    expectations: [expect.stringContaining("https://other.example.com")],
  });
});

test("explain says what an entry for opaque tokens would recognise", async () => {
  const { explanation } = await withCredential(config(entryOf({ tokens: { prefix: "at_" } })), "Bearer other");
  expect(explanation).toMatchObject({
    reason: "credential_unrecognised",
    expectations: [{ expected: "Bearer and a JWT, or Bearer and a token that begins with at_" }],
  });
});
