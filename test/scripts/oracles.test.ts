import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compareCanonicalForms } from "../../scripts/oracles/canonical-forms.ts";
import { compareMutants } from "../../scripts/oracles/compare-mutants.ts";
import { compareWithNodeSaml } from "../../scripts/oracles/compare-node-saml.ts";
import { findPython, type Libxml2, NO_PYTHON, startLibxml2 } from "../../scripts/oracles/libxml2-judge.ts";
import { compareSignatures } from "../../scripts/oracles/signatures.ts";
import type { Tally } from "../../scripts/oracles/tally.ts";

/** Short runs of `npm run oracle:…`. The seeds are fixed: a long run looks for new cases, this one holds the old. */
const SEED = 14;

function expectAgreement({ differences, counts }: Tally, outcomes: readonly RegExp[]): void {
  expect(differences).toEqual([]);
  for (const outcome of outcomes) expect([...counts.keys()]).toContainEqual(expect.stringMatching(outcome));
}

const python = findPython();
describe.skipIf(python === undefined)(
  `libxml2 and Sallyport agree${python === undefined ? ` (${NO_PYTHON})` : ""}`,
  () => {
    let libxml2: Libxml2;
    beforeAll(() => {
      libxml2 = startLibxml2(python ?? "");
    });
    afterAll(() => libxml2.close());

    test("about canonical forms, with and without prefixes and comments", async () => {
      const tally = await compareCanonicalForms(libxml2, SEED, 1000);
      expectAgreement(tally, [/^the same octets, with comments, with a/, /^the same octets, without .*, without a/]);
    });

    test("about signatures, as made and changed", async () => {
      const tally = await compareSignatures(libxml2, SEED, 300);
      expectAgreement(tally, [
        /^as signed: accepted by both/,
        /^changed: accepted by both/,
        /^changed: refused by both/,
      ]);
    });
  },
);

test("a canonical form of other octets is a difference", async () => {
  const octets = Buffer.from("<other></other>");
  const other: Libxml2 = { ask: async () => ({ octets }), close: async () => {} };
  const { differing, total } = await compareCanonicalForms(other, SEED, 20);
  expect([differing, total]).toEqual([20, 20]);
});

test("no mutant of a signed message proves another principal", { timeout: 60_000 }, async () => {
  const tally = await compareMutants(SEED, 500);
  expectAgreement(tally, [/^the same principal$/, /assertion_signature_invalid/, /assertion_structure_invalid/]);
});

test("what Sallyport accepts, node-saml reads in the same way", { timeout: 60_000 }, async () => {
  // Its parser warns of every document that it repairs.
  vi.spyOn(console, "warn").mockReturnValue();
  const tally = await compareWithNodeSaml(SEED, 150);
  expectAgreement(tally, [/^as signed: accepted by both/, /^changed: refused by both/]);
});
