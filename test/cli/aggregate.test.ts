import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { oneEntityOf } from "../../cli/saml/aggregate/one-entity.ts";
import { aggregateXml, entityXml } from "../../local/stage/saml/metadata.ts";
import { createSigningIdentity, signXml } from "../../local/stage/saml/signing.ts";
import { readMetadata } from "../../providers/saml/metadata.ts";
import { NOW } from "../fixtures.ts";
import { ISSUER, identity, stranger } from "../providers/saml/fixture.ts";

/** A large aggregate, read part by part, must be what it is when it is read as a whole. */
const federation = await createSigningIdentity();
const signers = [new X509Certificate(federation.certificate).publicKey];
const OTHER = "https://other.example.com/a?b&c";
const mine = entityXml({ entityId: ISSUER, certificates: [identity.certificate], validUntil: NOW + 50 });
const other = entityXml({ entityId: OTHER, certificates: [stranger.certificate], id: "_other" });
const service = other.replaceAll("IDPSSO", "SPSSO").replace("_other", "_service").replace("other.", "service.");
const inner = aggregateXml([other], NOW + 20).replace("_all", "_inner");
const many = Array.from({ length: 12 }, (_, index) =>
  entityXml({ entityId: `https://idp${index}.example.com`, certificates: [stranger.certificate], id: `_e${index}` }),
);
const sign = (xml: string, by = federation, form = {}) => signXml(xml, "_all", by, form);

type Options = { entityId?: string; signers?: typeof signers };

function whole(xml: string, { entityId, signers: keys = [] }: Options) {
  const bytes = Buffer.from(xml);
  const { encoded, validUntil } = readMetadata(bytes, { entityId, signers: keys, maxLength: bytes.length });
  return { encoded, validUntil };
}

function byParts(xml: string, { entityId, signers: keys = [] }: Options, partLength: number) {
  const one = oneEntityOf(Buffer.from(xml), { entityId, signers: keys, partLength });
  if (!one) throw new Error("no aggregate");
  return whole(one.bytes.toString(), {
    ...(entityId !== undefined && { entityId }),
    signers: one.isVerified ? [] : keys,
  });
}

const outcome = <T>(run: () => T): T | "refused" => {
  try {
    return run();
  } catch {
    return "refused";
  }
};

const spaced = aggregateXml(["\n  ", other, "\r\n  <!-- mine > & yours <a> -->\n  ", mine, "\n", service, "\n"]);
const declared = spaced.replace(
  "<md:EntitiesDescriptor ",
  '<md:EntitiesDescriptor xmlns:xs="urn:xs" xmlns:unused="urn:unused" Name="a &gt; &quot;b" ',
);
const prefixed = aggregateXml([mine.replace(/<md:IDP/, '<md:Extensions xs:a="1" title="a > b"/>$&'), other]).replace(
  "<md:EntitiesDescriptor ",
  '$&xmlns:xs="urn:xs" ',
);
const plainNames = aggregateXml([mine, other]).replaceAll("md:", "").replaceAll("xmlns:md", "xmlns");

const documents: [string, string][] = [
  ["entities without anything between them", aggregateXml([other, mine])],
  ["white space, line ends and comments", spaced],
  [
    "a declaration, a byte order mark and comments around",
    `\ufeff<?xml version="1.0" ?>\n<!-- a -->\n${declared}<!-- z -->\n`,
  ],
  ["prefixes that the root declares", prefixed],
  ["a default namespace", plainNames],
  ["nested aggregates", aggregateXml([inner, mine, aggregateXml(many).replace("_all", "_many")], NOW + 30)],
  ["many entities", aggregateXml([...many, mine, other])],
  ["the entity twice", aggregateXml([mine, other, mine])],
  ["one identity provider among services", aggregateXml([service, mine])],
  ["no identity provider", aggregateXml([service])],
  ["another namespace", aggregateXml([mine, other]).replaceAll("urn:oasis:names:tc:SAML:2.0:metadata", "urn:evil")],
];
const PART_LENGTHS = [1, 1500, 65_536];

describe("an aggregate read by parts is read as the whole:", () => {
  describe.each(documents)("with %s", (_what, xml) => {
    const root = sign(xml.replace("\ufeff", ""));
    const texts: [string, string][] = [
      ["unsigned", xml],
      ["signed", root],
      [
        "signed with inclusive prefixes",
        sign(xml.replace("\ufeff", ""), federation, { inclusivePrefixes: ["xs", "md"] }),
      ],
      ["signed by somebody else", sign(xml.replace("\ufeff", ""), stranger)],
      ["signed with SHA-1", sign(xml.replace("\ufeff", ""), federation, { algorithm: "rsa-sha1" })],
      ["signed and then changed", root.replace("HTTP-POST", "HTTP-GET")],
      ["signed, an entity taken out", root.replace(/<md:EntityDescriptor[^>]*idp7[\s\S]*?<\/md:EntityDescriptor>/, "")],
    ];
    test.each(texts)("%s", (_how, text) => {
      for (const partLength of PART_LENGTHS) {
        for (const entityId of [ISSUER, OTHER, "https://absent.example.com", undefined]) {
          for (const keys of [[], signers]) {
            const options = { ...(entityId !== undefined && { entityId }), signers: keys };
            const expected = outcome(() => whole(text, options));
            expect(outcome(() => byParts(text, options, partLength))).toEqual(expected);
          }
        }
      }
    });
  });

  test("with a signature of the entity alone", () => {
    const xml = aggregateXml([other, signXml(mine, "_entity", federation), service]);
    for (const partLength of PART_LENGTHS) {
      const options = { entityId: ISSUER, signers };
      expect(byParts(xml, options, partLength)).toEqual(whole(xml, options));
      expect(() => byParts(xml, { entityId: OTHER, signers }, partLength)).toThrow("it is not signed");
      expect(() => byParts(xml.replace(/ISSUER|HTTP-POST/g, "HTTP-GET"), options, partLength)).toThrow(
        "does not verify",
      );
    }
  });
});

const signed = sign(aggregateXml([other, mine]));

describe("refuses an aggregate", () => {
  const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(signed)?.[0] ?? "";
  const evil = mine.replace(
    /<ds:X509Certificate>[^<]*/,
    `<ds:X509Certificate>${stranger.certificate.replace(/-----.*-----|\s/g, "")}`,
  );
  test.each([
    ["that another element follows", `${signed}<a/>`],
    ["that another aggregate follows", `${signed}${aggregateXml([evil])}`],
    ["that text follows", `${signed}x`],
    ["with a second signature", signed.replace(signature, `${signature}${signature}`)],
    [
      "whose signature is not the first child",
      signed.replace(signature, "").replace("</md:EntitiesDescriptor>", `${signature}$&`),
    ],
    ["whose signature is in a comment", signed.replace(signature, `<!--${signature}-->`)],
    ["with an entity put in", signed.replace("</md:EntitiesDescriptor>", `${evil}$&`)],
    ["with an entity replaced", signed.replace(mine, evil)],
    ["with another validUntil", signed.replace('ID="_all"', 'ID="_all" validUntil="2099-01-01T00:00:00Z"')],
    ["with another ID", signed.replace('ID="_all"', 'ID="_other_all"')],
    ["in another aggregate", aggregateXml([signed, evil]).replace('ID="_all"', 'ID="_outer"')],
    ["with a document type", `<!DOCTYPE a>${signed}`],
    ["with a processing instruction", signed.replace("<md:EntityDescriptor", "<?a?>$&")],
    ["with CDATA", signed.replace("<md:EntityDescriptor", "<![CDATA[a]]>$&")],
    ["with crossing tags", signed.replace("</md:EntityDescriptor>", "</md:EntitiesDescriptor>")],
    ["with an end tag too many", `${signed}</md:EntitiesDescriptor>`],
    ["that ends early", signed.slice(0, -40)],
    ["with a tag that ends early", signed.slice(0, signed.indexOf("entityID") + 12)],
    ["with a comment that does not end", signed.replace("<md:EntityDescriptor", "<!-- $&")],
  ])("%s", (_what, xml) => {
    expect(xml).not.toBe(signed);
    for (const partLength of PART_LENGTHS) {
      expect(outcome(() => byParts(xml, { entityId: ISSUER, signers }, partLength))).toBe("refused");
    }
  });

  test.each([
    [
      "a forbidden algorithm",
      sign(aggregateXml([mine]), federation, { algorithm: "rsa-sha1" }),
      "an algorithm that is not accepted",
    ],
    ["a key that is not the signer's", sign(aggregateXml([mine]), stranger), "its signature does not verify"],
    ["other content", signed.replace("HTTP-POST", "HTTP-GET"), "its signature does not verify"],
    [
      "two references",
      signed.replace(/<ds:Reference.*<\/ds:Reference>/s, "$&$&"),
      "does not have the form that SAML requires",
    ],
  ])("and says that its signature has %s", (_what, xml, message) => {
    expect(() => whole(xml, { entityId: ISSUER, signers })).toThrow(message);
    expect(() => byParts(xml, { entityId: ISSUER, signers }, 1)).toThrow(message);
  });
});

test("refuses an aggregate whose canonical form is a thousand times as long as what was received", () => {
  const elements = "<p:x/>".repeat(1200);
  const inflated = signed.replace("<md:IDP", `<md:Extensions>${elements}</md:Extensions>$&`);
  const text = inflated.replace("<md:EntitiesDescriptor ", `$&xmlns:p="urn:${"x".repeat(60_000)}" `);
  expect(() => byParts(text, { entityId: ISSUER, signers }, 65_536)).toThrow("its canonical form is too long");
});

test("leaves a document with one entity, and what is no XML, to the ordinary reader", () => {
  for (const text of [mine, `<!-- a -->${mine}`, "hello", "", "<!DOCTYPE a><b/>"]) {
    expect(oneEntityOf(Buffer.from(text), { signers })).toBeUndefined();
  }
});
