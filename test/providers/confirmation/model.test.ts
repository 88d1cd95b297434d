import fc from "fast-check";
import { expect, test } from "vitest";
import { NOW } from "../../fixtures.ts";
import {
  boundToken,
  clientKey,
  hashOf,
  ORIGIN,
  plainToken,
  present,
  proofFor,
  providerOf,
  publicJwk,
  strangerKey,
} from "./fixture.ts";

/**
 * An independent model of what a proof proves, written from RFC 9449 section 4.3 and docs/sender-constrained-tokens.md:
 * a request is accepted if and only if each of its parts is as it has to be. Each part is drawn from good and bad values,
 * with the model's word for each.
 */
type Part<T> = readonly (readonly [value: T, isGood: boolean])[];

const TOKENS: Part<string> = [
  [boundToken(), true],
  [plainToken(), false],
];
const METHODS: Part<string> = [
  ["GET", true],
  ["POST", false],
  ["get", false],
  ["GET ", false],
];
const URIS: Part<string> = [
  [`${ORIGIN}/prod/whoami`, true],
  [`${ORIGIN}:443/prod/whoami?x=1`, true],
  [`${ORIGIN}/prod/%77hoami#y`, true],
  [`${ORIGIN}/prod/whoami/`, false],
  [`${ORIGIN}/prod/Whoami`, false],
  [`${ORIGIN}//prod/whoami`, false],
  [`${ORIGIN}.evil.example/prod/whoami`, false],
  [`https://evil.example/${ORIGIN}/prod/whoami`, false],
  [`https://api.example.com@evil.example/prod/whoami`, false],
];
const TIMES: Part<number> = [
  [NOW, true],
  [NOW - 60, true],
  [NOW + 30, true],
  [NOW - 60.5, false],
  [NOW + 30.5, false],
  [0, false],
  [NOW * 1000, false],
];
const TYPES: Part<unknown> = [
  ["dpop+jwt", true],
  ["DPoP+jwt", false],
  ["jwt", false],
  ["at+jwt", false],
];
const KEYS: Part<unknown> = [
  [publicJwk(clientKey), true],
  [publicJwk(strangerKey), false],
  [{ ...publicJwk(clientKey), d: "AAAA" }, false],
  [{ ...publicJwk(clientKey), k: "AAAA" }, false],
  [{ ...publicJwk(clientKey), crv: "P-384" }, false],
];
const SIGNERS: Part<typeof clientKey> = [
  [clientKey, true],
  [strangerKey, false],
];
const IDS: Part<unknown> = [
  ["", false],
  [7, false],
  [null, false],
  ["x".repeat(257), false],
];

const of = <T>(part: Part<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...part.filter(([, good]) => good)) }, fc.constantFrom(...part));

let ids = 0;
const freshId = fc.constant(undefined).map(() => [`model-${ids++}`, true] as const);

test("a proof is accepted if and only if each of its parts fits the request", async () => {
  const by = providerOf();
  let accepted = 0;
  const attempt = fc.record({
    token: of(TOKENS),
    method: of(METHODS),
    uri: of(URIS),
    time: of(TIMES),
    type: of(TYPES),
    jwk: of(KEYS),
    signer: of(SIGNERS),
    id: fc.oneof({ weight: 6, arbitrary: freshId }, fc.constantFrom(...IDS)),
    hash: fc.constantFrom("own", "own", "own", "other", "none"),
    count: fc.constantFrom(1, 1, 1, 1, 0, 2),
  });
  await fc.assert(
    fc.asyncProperty(attempt, async ({ token, method, uri, time, type, jwk, signer, id, hash, count }) => {
      const hashes = { own: hashOf(token[0]), other: hashOf("other"), none: undefined };
      const claims = { htm: method[0], htu: uri[0], iat: time[0], jti: id[0], ath: hashes[hash as "own"] };
      const proof = proofFor(token[0], { key: signer[0], header: { typ: type[0], jwk: jwk[0] }, claims });
      const verdict = await present(token[0], { by, proofs: Array.from({ length: count }, () => proof) });
      const isGood = [token, method, uri, time, type, jwk, signer, id].every(([, good]) => good);
      const expected = isGood && hash === "own" && count === 1;
      if (expected) accepted++;
      expect(typeof verdict === "object", JSON.stringify(verdict)).toBe(expected);
    }),
    { numRuns: 400 },
  );
  expect(accepted).toBeGreaterThan(0);
});

test("no change of a character of a good proof is accepted", async () => {
  const by = providerOf();
  const token = boundToken();
  const character = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=, ");
  await fc.assert(
    fc.asyncProperty(fc.nat(), character, async (place, other) => {
      const proof = proofFor(token);
      const index = place % proof.length;
      const changed = proof.slice(0, index) + other + proof.slice(index + 1);
      fc.pre(changed !== proof && changed.trim() !== proof);
      expect(typeof (await present(token, { by, proofs: [changed] }))).toBe("string");
    }),
    { numRuns: 300 },
  );
});
