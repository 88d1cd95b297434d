import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AssertionJudge } from "../../../functions/federation/login/judge.ts";
import { secondOpinion } from "../../../functions/federation/login/second-opinion.ts";
import { NOW } from "../../fixtures.ts";
import { createHarness, type Harness } from "./harness.ts";

let login: Harness;
beforeAll(async () => {
  login = await createHarness((config) => ({
    ...config,
    saml: {
      ...(config.saml as NonNullable<typeof config.saml>),
      identityProviders: (config.saml?.identityProviders ?? []).map((entry) => ({
        ...entry,
        attributes: { ...entry.attributes, attributes: { displayName: "displayName" } },
      })),
    },
  }));
});
afterAll(() => login.close());
beforeEach(() => {
  login.events.length = 0;
});

/** A verifier that reads another name than node-saml. */
const mistaken = (): { judge: AssertionJudge } => ({
  judge: {
    ...login.services.judge,
    async judge(...given) {
      const judged = await login.services.judge.judge(...given);
      return { ...judged, facts: { ...judged.facts, nameId: "bob" } };
    },
  },
});

const opinions = () => login.events.flatMap(({ detail }) => ("opinion" in detail ? [detail.opinion] : []));

const changed = (response: string, change: (xml: string) => string) => {
  const xml = Buffer.from(response, "base64").toString();
  expect(change(xml)).not.toBe(xml);
  return Buffer.from(change(xml)).toString("base64");
};

const withMessage = (text: string) => (xml: string) =>
  xml.replace("</samlp:Status>", `<samlp:StatusMessage>${text}</samlp:StatusMessage></samlp:Status>`);

describe("what looks like another signature or like encryption does not switch the opinion off", () => {
  const texts = [
    "SignatureMethod Algorithm='x'",
    `SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"`,
    "EncryptedAssertion",
  ];
  const element = `<SignatureMethod xmlns="http://www.w3.org/2000/09/xmldsig#" Algorithm="x"/>`;

  test("as an element of an unsigned Response", async () => {
    const begun = await login.begin();
    const detail = `<samlp:StatusDetail>${element}</samlp:StatusDetail></samlp:Status>`;
    const response = changed(login.respond(begun), (xml) => xml.replace("</samlp:Status>", detail));
    await login.post(begun, response, {}, mistaken());
    expect(opinions()).toEqual(["contradicts"]);
  });

  test.each(texts)("in an unsigned StatusMessage: %s", async (text) => {
    const begun = await login.begin();
    await login.post(begun, changed(login.respond(begun), withMessage(text)), {}, mistaken());
    expect(opinions()).toEqual(["contradicts"]);
  });

  test.each(texts)("in an attribute of the user: %s", async (displayName) => {
    const begun = await login.begin();
    const response = login.respond(begun, { attributes: { displayName } });
    await login.post(begun, response, {}, mistaken());
    expect(opinions()).toEqual(["contradicts"]);
  });
});

describe("white space of Unicode", () => {
  test.each(["\u00a0", "\u2003", "\u1680", "\ufeff", "\u3000", "\u0085", "\u200b", "\u2028"])(
    "at an edge of a value, or alone, is no contradiction: %j",
    async (space) => {
      for (const displayName of [`a${space}`, `${space}a`, space, `${space} `]) {
        const begun = await login.begin();
        const roles = [displayName, "buyer"].filter(() => !/[\u0085\u2028]/.test(space));
        await login.post(begun, login.respond(begun, { attributes: { displayName, roles } }));
        expect([displayName, opinions()]).toEqual([displayName, []]);
      }
    },
  );

  test("never makes the two contradict each other, whatever the values are", async () => {
    const edge = fc.constantFrom("", " ", "\t", "\n", "\r", "\u00a0", "\u1680", "\u2003", "\u2029", "\u3000", "\ufeff");
    const value = fc.tuple(edge, edge, fc.constantFrom("", "a", "a b", "ä"), edge, edge).map((parts) => parts.join(""));
    const begun = await login.begin();
    await fc.assert(
      fc.asyncProperty(value, value, async (first, second) => {
        const response = login.respond(begun, { attributes: { displayName: first, roles: [first, second] } });
        const judged = await login.services.judge.judge(connection(), response, NOW, undefined).catch(() => undefined);
        // A control character in a role is refused before.
        if (judged) expect(await opinionOf(judged)).toBe("agrees");
      }),
      { numRuns: 100 },
    );
  });
});

const connection = () => {
  const found = login.services.connections.get("acme");
  if (!found) throw new Error("there is no connection");
  return found;
};

const opinionOf = async (judged: Parameters<typeof secondOpinion>[1]) =>
  secondOpinion(connection(), judged, await login.services.judge.keysOf(connection()));
