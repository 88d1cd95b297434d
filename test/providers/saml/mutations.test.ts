import { DOMParser, XMLSerializer } from "@xmldom/xmldom";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { identity, judge, OPTIONS, providerOf } from "./fixture.ts";

/**
 * A changed credential is refused or proves the same principal as before. The whole principal is compared:
 * attributes, roles and times as well as the name.
 */
const mapping = { roles: ["groups"], attributes: { mail: "mail" } };
const xml = assertionXml({ ...OPTIONS, attributes: { groups: ["reader"], mail: "alice@example.com" } });
const assertion = signXml(xml, ASSERTION_ID, identity);
const documents = {
  "a signed assertion": assertion,
  "a signed Response": signXml(responseXml(OPTIONS, xml), "_response", identity),
  "a Response with both signatures": signXml(responseXml(OPTIONS, assertion), "_response", identity),
};
const kinds = Object.entries(documents);
const expected = await judge(encodeXml(assertion, "deflate"), providerOf({ attributes: mapping }));

/** A new provider for each change, so that no cached result is used. */
async function outcomeOf(changed: string): Promise<"same" | "refused"> {
  const outcome = await judge(encodeXml(changed, "deflate"), providerOf({ attributes: mapping }));
  if (typeof outcome !== "string") expect(outcome, changed).toEqual(expected);
  return typeof outcome === "string" ? "refused" : "same";
}

test("accepts the unchanged credential", () => {
  expect(expected).toMatchObject({ subject: "alice@example.com", roles: ["reader"] });
});

describe("a changed credential never proves another principal:", () => {
  test.each(kinds)(
    "each character of %s removed or replaced",
    async (_what, text) => {
      const counts = { same: 0, refused: 0 };
      for (let index = 0; index < text.length; index++) {
        const before = text.slice(0, index);
        const after = text.slice(index + 1);
        const other = String.fromCharCode(text.charCodeAt(index) ^ 1);
        counts[await outcomeOf(before + after)]++;
        counts[await outcomeOf(before + other + after)]++;
      }
      expect(counts.refused).toBeGreaterThan(text.length);
    },
    120_000,
  );

  const piece = fc.constantFrom(
    ...[..."abAB01<>&;\"'/=! -:#\u0000é"],
    ...["<!-- -->", "<?x?>", "<![CDATA[x]]>", "&amp;", "&#65;", "<a/>", "</a>", ' ID="_x"', ' xmlns="urn:evil"', "\n"],
  );
  test.each(kinds)("text inserted into %s or replacing a part of it", async (_what, text) => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: text.length - 1 }),
        piece,
        fc.nat({ max: 3 }),
        async (index, inserted, removed) => {
          await outcomeOf(text.slice(0, index) + inserted + text.slice(index + removed));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each(kinds)(
    "each element of %s removed, duplicated or moved",
    async (_what, text) => {
      let refused = 0;
      for (const changed of changedNodes(text)) if ((await outcomeOf(changed)) === "refused") refused++;
      expect(refused).toBeGreaterThan(1000);
    },
    120_000,
  );

  test.each(kinds)(
    "each attribute of %s removed, renamed or given the value of another",
    async (_what, text) => {
      let refused = 0;
      for (const changed of changedAttributes(text)) if ((await outcomeOf(changed)) === "refused") refused++;
      expect(refused).toBeGreaterThan(100);
    },
    60_000,
  );
});

test("accepts other white space and quotes around attributes", async () => {
  for (const changed of [
    assertion.replace(' Version="2.0"', '\n  Version="2.0"'),
    assertion.replace('Version="2.0"', "Version='2.0'"),
    assertion.replace(/ (ID="[^"]*") (Version="2.0")/, " $2 $1"),
    assertion.replace("alice@example.com", "&#97;lice@example.com"),
  ]) {
    expect(changed).not.toBe(assertion);
    expect(await outcomeOf(changed)).toBe("same");
  }
});

const parse = (text: string) => new DOMParser().parseFromString(text, "text/xml");
const write = (document: Document) => new XMLSerializer().serializeToString(document);
const elementsOf = (document: Document) => Array.from(document.getElementsByTagName("*"));

function* changedNodes(text: string): Generator<string> {
  const { length } = elementsOf(parse(text));
  const change = (run: (all: Element[]) => void) => {
    const document = parse(text);
    run(elementsOf(document));
    return write(document);
  };
  for (let one = 1; one < length; one++) {
    yield change((all) => all[one]?.parentNode?.removeChild(all[one] as Element));
    for (let other = 0; other < length; other++) {
      const within = (all: Element[]) => {
        for (let at: Node | null = all[other] ?? null; at; at = at.parentNode) if (at === all[one]) return true;
        return false;
      };
      if (within(elementsOf(parse(text))) && one !== other) continue;
      for (const copy of other === 0 ? [] : [false, true]) {
        yield change((all) => {
          const [node, target] = [all[one], all[other]] as [Element, Element];
          const moved = copy || node === target ? node.cloneNode(true) : node;
          target.parentNode?.insertBefore(moved, target);
        });
      }
      yield change((all) => {
        const [node, target] = [all[one], all[other]] as [Element, Element];
        if (node !== target && node !== target.firstChild) target.insertBefore(node, target.firstChild);
      });
    }
  }
}

function* changedAttributes(text: string): Generator<string> {
  const attributes = [...text.matchAll(/ ([\w:]+)="([^"]*)"/g)];
  const values = [...new Set(attributes.map(([, , value]) => value ?? ""))];
  for (const { index, 0: whole, 1: name = "" } of attributes) {
    const put = (replacement: string) => text.slice(0, index) + replacement + text.slice(index + whole.length);
    yield put("");
    yield put(whole.replace(name, `${name}X`));
    yield put(whole.replace(name, name.toLowerCase()));
    yield put(`${whole}${whole.replace(name, "Id")}`);
    for (const value of values) yield put(` ${name}="${value}"`);
  }
}
