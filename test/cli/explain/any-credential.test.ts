import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { explain, type Question } from "../../../cli/explain/explain.ts";
import { paintFor } from "../../../cli/explain/text/layout.ts";
import { shown } from "../../../cli/explain/text/shown.ts";
import { requestEvent } from "../../../local/events/rest.ts";
import { assertionXml, encodeXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { CACHED, configOf, NOW } from "../../fixtures.ts";
import { AUDIENCE, claims, ecKey, ISSUER, mint } from "../../providers/jwt/mint.ts";
import * as saml from "../../providers/saml/fixture.ts";

/** Whatever stands in a credential, it is explained, and neither the credential nor a part of it is shown. */

const key = ecKey();
const config = configOf({
  jwt: {
    issuers: [
      {
        ...{
          issuer: ISSUER,
          audience: AUDIENCE,
          algorithms: ["ES256"],
          keys: { jwks: { keys: [key.jwk as { kty: string }] } },
        },
        claims: { tenant: ["a", "b"], roles: ["c"], attributes: { d: "d" }, usageIdentifierKey: "e" },
        requiredClaims: { f: ["g"] },
      },
    ],
  },
  saml: {
    audience: saml.AUDIENCE,
    recipients: saml.RECIPIENT,
    identityProviders: [
      { issuer: saml.ISSUER, certificates: [saml.identity.certificate], attributes: { tenant: "t", roles: ["r"] } },
    ],
  },
  routes: [{ name: "own", methods: ["GET"], paths: ["/users/{subject}", "/t/{tenant}"] }],
});

/** Reasons that came up: a test in which all credentials are refused for one tells little. */
const reasons = new Set<string>();
beforeEach(() => reasons.clear());

async function explainAll(authorization: string) {
  const headers = { Authorization: authorization };
  const request = {
    method: "GET",
    path: "/a",
    resource: "/a",
    headers,
    address: "203.0.113.7",
    stage: "prod",
    time: NOW,
  };
  const question: Question = { event: requestEvent(request), config, apis: [], time: NOW, cache: CACHED };
  const explanation = await explain(question);
  const text = shown(explanation, paintFor(undefined), true) + JSON.stringify(explanation);
  expect(text).toContain(explanation.reason ?? explanation.outcome);
  expect(explanation.reason).not.toBe("internal_error");
  reasons.add(explanation.reason ?? explanation.outcome);
  return text;
}

const names = ["iss", "aud", "sub", "exp", "nbf", "iat", "a", "c", "d", "e", "f", "cnf", "typ", "events", "azp"];
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(ISSUER, AUDIENCE, NOW, NOW - 1, "g", { b: "x" }, -1, 1e300),
);

test("any claims and any header of a token", { timeout: 60_000 }, async () => {
  const payload = fc.dictionary(fc.constantFrom(...names), value);
  const header = fc.dictionary(fc.constantFrom("alg", "typ", "kid", "crit", "zip"), value);
  await fc.assert(
    fc.asyncProperty(payload, fc.oneof(fc.constant({}), header), async (changes, parameters) => {
      const token = mint(key, claims({ f: "g", ...changes }), parameters);
      const text = await explainAll(`Bearer ${token}`);
      for (const part of token.split(".")) expect(text).not.toContain(part);
    }),
    { numRuns: 300 },
  );
  expect(reasons.size).toBeGreaterThan(8);
});

test("any values and any missing part of an assertion", { timeout: 60_000 }, async () => {
  const xml = assertionXml({ ...saml.OPTIONS, attributes: { t: "acme", r: ["x", "y"] } });
  const attributes = [...xml.matchAll(/ [A-Za-z]+="[^"]*"/g)]
    .map(([text]) => text)
    .filter((text) => !/xmlns| ID=/.test(text));
  const texts = [...xml.matchAll(/>([^<]+)</g)].map(([text]) => text);
  const change = fc.record({
    what: fc.constantFrom(...attributes, ...texts),
    by: fc.oneof(
      fc.constantFrom("", "x", "2026-03-02T10:00:00Z", "1", "https://a.example.com/"),
      fc.stringMatching(/^[ -~]{0,40}$/),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 3 }), async (changes) => {
      const changed = changes.reduce((text, { what, by }) => text.replace(what, () => replaced(what, by)), xml);
      const credential = encodeXml(signXml(changed, "_assertion", saml.identity));
      const text = await explainAll(`SAML ${credential}`);
      expect(text).not.toContain(credential.slice(0, 60));
    }),
    { numRuns: 150 },
  );
  expect(reasons.size).toBeGreaterThan(5);
});

/** Another value of an attribute or an element, or nothing of it. */
function replaced(what: string, by: string): string {
  const safe = by.replaceAll(/[<>&"']/g, "");
  if (what.startsWith(">")) return `>${safe}<`;
  return safe === "" ? "" : what.replace(/"[^"]*"/, () => `"${safe}"`);
}
