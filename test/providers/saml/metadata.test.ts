import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { aggregateXml, entityXml } from "../../../local/stage/saml/metadata.ts";
import { createSigningIdentity, signXml } from "../../../local/stage/saml/signing.ts";
import { readMetadata } from "../../../providers/saml/metadata.ts";
import { NOW } from "../../fixtures.ts";
import { ISSUER, identity, stranger } from "./fixture.ts";

const federation = await createSigningIdentity();
const signers = [new X509Certificate(federation.certificate).publicKey];
const OTHER = "https://other.example.com";
const mine = entityXml({ entityId: ISSUER, certificates: [identity.certificate] });
const other = entityXml({ entityId: OTHER, certificates: [stranger.certificate], id: "_other" });
const read = (xml: string, options: Partial<Parameters<typeof readMetadata>[1]> = {}) =>
  readMetadata(Buffer.from(xml), { maxLength: 100_000, ...options });
const body = (pem: string) => pem.replace(/-----.*-----|\s/g, "");

describe("reads from metadata", () => {
  test("the only identity provider with all its signing certificates", () => {
    const certificates = [identity.certificate, stranger.certificate, identity.certificate];
    const { entityId, encoded, validUntil } = read(entityXml({ entityId: ISSUER, certificates, use: "signing" }));
    expect(entityId).toBe(ISSUER);
    expect(encoded).toEqual([body(identity.certificate), body(stranger.certificate)]);
    expect(validUntil).toBe(Number.POSITIVE_INFINITY);
  });

  test("no encryption certificate", () => {
    const xml = entityXml({ entityId: ISSUER, certificates: [identity.certificate], use: "encryption" });
    expect(() => read(xml)).toThrow("the identity provider has no signing certificate");
  });

  test("one entity of an EntitiesDescriptor by its entity ID", () => {
    const all = aggregateXml([other, mine]);
    expect(read(all, { entityId: ISSUER }).encoded).toEqual([body(identity.certificate)]);
    expect(read(all, { entityId: OTHER }).encoded).toEqual([body(stranger.certificate)]);
    expect(() => read(all, { entityId: "https://absent.example.com" })).toThrow("it does not contain the entity");
    expect(() => read(all)).toThrow(`it contains 2 identity providers: ${OTHER}, ${ISSUER}`);
    expect(
      read(aggregateXml([aggregateXml([other]).replace("_all", "_inner"), mine]), { entityId: OTHER }).entityId,
    ).toBe(OTHER);
  });

  test("the earliest validUntil of the entity and its EntitiesDescriptors", () => {
    const entity = entityXml({ entityId: ISSUER, certificates: [identity.certificate], validUntil: NOW + 50 });
    expect(read(aggregateXml([entity], NOW + 10)).validUntil).toBe(NOW + 10);
    expect(read(aggregateXml([entity], NOW + 90)).validUntil).toBe(NOW + 50);
  });

  test("a document with comments, a declaration and a byte order mark", () => {
    const xml = `\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- by hand & heart -->${mine.replace("<md:KeyDescriptor", "<!-- key -->$&")}`;
    expect(read(xml).entityId).toBe(ISSUER);
  });
});

describe("the signature of metadata with signers", () => {
  test.each([
    ["of the document", signXml(aggregateXml([other, mine]), "_all", federation)],
    ["of the entity", aggregateXml([other, signXml(mine, "_entity", federation)])],
    ["of the entity alone", signXml(mine, "_entity", federation)],
  ])("is verified: %s", (_what, xml) => {
    expect(read(xml, { signers, entityId: ISSUER }).encoded).toEqual([body(identity.certificate)]);
  });

  const signed = signXml(mine, "_entity", federation);
  test.each([
    ["is missing", mine, "it is not signed"],
    ["belongs to another entity", aggregateXml([signXml(other, "_other", federation), mine]), "it is not signed"],
    ["was made by an unknown key", signXml(mine, "_entity", stranger), "its signature does not verify"],
    [
      "does not match the content",
      signed.replace(body(identity.certificate), body(stranger.certificate)),
      "its signature does not verify",
    ],
    [
      "is made with SHA-1",
      signXml(mine, "_entity", federation, { algorithm: "rsa-sha1" }),
      "its signature uses an algorithm that is not accepted",
    ],
    [
      "wraps the signed entity",
      aggregateXml([
        signed,
        mine.replace("_entity", "_evil").replace(body(identity.certificate), body(stranger.certificate)),
      ]),
      /2 identity providers|not signed/,
    ],
  ])("refuses a document where it %s", (_what, xml, message) => {
    expect(() => {
      const { encoded } = read(xml, { signers, entityId: ISSUER });
      // The signed entity may be found, but not another one with the same entity ID.
      expect(encoded).toEqual([body(identity.certificate)]);
      throw new Error("not signed, but for the one that was read");
    }).toThrow(message);
  });
});

describe("refuses metadata", () => {
  test.each([
    ["with a document type", `<!DOCTYPE a>${mine}`, "it is not XML"],
    ["that are not XML", "hello", "it is not XML"],
    ["that are longer than allowed", `${mine}${" ".repeat(100_000)}`, "it is not XML"],
    [
      "of a service provider",
      mine.replaceAll("IDPSSODescriptor", "SPSSODescriptor"),
      "it contains no identity provider",
    ],
    [
      "with an invalid certificate",
      mine.replace(body(identity.certificate), "AAAA"),
      "a certificate in it cannot be read",
    ],
    [
      "in another namespace",
      mine.replace("urn:oasis:names:tc:SAML:2.0:metadata", "urn:evil"),
      "it contains no identity provider",
    ],
    [
      "with an invalid validUntil",
      mine.replace(" entityID", ' validUntil="soon" entityID'),
      "a validUntil in it cannot be read",
    ],
  ])("%s", (_what, xml, message) => {
    expect(() => read(xml)).toThrow(message);
  });
});
