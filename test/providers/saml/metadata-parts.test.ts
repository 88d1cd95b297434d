import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { aggregateXml, entityXml } from "../../../local/stage/saml/metadata.ts";
import { createSigningIdentity, signXml } from "../../../local/stage/saml/signing.ts";
import { certificateBody } from "../../../providers/saml/certificate.ts";
import { checkOne, MetadataError, readMetadata, signatureError } from "../../../providers/saml/metadata.ts";
import { Refusal } from "../../../shared/domain/reasons/errors.ts";
import { NOW } from "../../fixtures.ts";
import { ISSUER, identity, stranger } from "./fixture.ts";

const mine = entityXml({ entityId: ISSUER, certificates: [identity.certificate] });
const read = (xml: string, options: Partial<Parameters<typeof readMetadata>[1]> = {}) =>
  readMetadata(Buffer.from(xml), { maxLength: 100_000, ...options });
const body = certificateBody(identity.certificate);
const othersBody = certificateBody(stranger.certificate);
const role = /<md:IDPSSODescriptor.*<\/md:IDPSSODescriptor>/s;
const iso = (time: number) => new Date(time * 1000).toISOString();

function changed(from: string | RegExp, to: string, xml = mine): string {
  const other = xml.replace(from, to);
  if (other === xml) throw new Error(`${from} is not there`);
  return other;
}

describe("the certificates of metadata", () => {
  test("are those of all roles of an identity provider, and of no other role", () => {
    const second = (role.exec(mine)?.[0] ?? "").replace(body, othersBody);
    expect(read(changed(role, `$&${second}`)).encoded).toEqual([body, othersBody]);
    const serviceProvider = second.replaceAll("IDPSSODescriptor", "SPSSODescriptor");
    expect(read(changed(role, `$&${serviceProvider}`)).encoded).toEqual([body]);
  });

  test("are those for signing, or for any use", () => {
    const descriptor = "<md:KeyDescriptor";
    expect(read(changed(descriptor, `${descriptor} use="signing"`)).encoded).toEqual([body]);
    for (const use of ["encryption", "", "other"]) {
      expect(() => read(changed(descriptor, `${descriptor} use="${use}"`))).toThrow("has no signing certificate");
    }
  });

  test("are elements of XML Signature, with text alone", () => {
    const foreign = changed(/<ds:X509Certificate>/, '<X509Certificate xmlns="urn:x">').replace("</ds:X509C", "</X509C");
    expect(() => read(foreign)).toThrow("has no signing certificate");
    expect(() => read(changed("<ds:X509Certificate>", "$&<b/>"))).toThrow(MetadataError);
  });

  test("are none outside a KeyDescriptor", () => {
    const descriptor = /<md:KeyDescriptor.*<\/md:KeyDescriptor>/s;
    const [keyInfo = ""] = /<ds:KeyInfo.*<\/ds:KeyInfo>/s.exec(mine) ?? [];
    const others = keyInfo.replace(body, othersBody);
    for (const element of ["md:Extensions", "KeyDescriptor"]) {
      expect(read(changed(descriptor, `<${element}>${others}</${element}>$&`)).encoded).toEqual([body]);
      expect(() => read(changed(descriptor, `<${element}>${others}</${element}>`))).toThrow("no signing certificate");
    }
  });

  test("may be broken into lines", () => {
    const lines = body.replace(/.{64}/g, "$&\r\n\t ");
    expect(read(changed(body, lines)).encoded).toEqual([body]);
  });
});

describe("the end of metadata", () => {
  test("is the earliest of the entity, of its role and of what is around it", () => {
    const at = (time: number) => changed("<md:IDPSSODescriptor", `<md:IDPSSODescriptor validUntil="${iso(time)}"`);
    expect(read(at(NOW + 5)).validUntil).toBe(NOW + 5);
    expect(
      read(aggregateXml([aggregateXml([at(NOW + 5)], NOW + 4).replace("_all", "_inner")], NOW + 3)).validUntil,
    ).toBe(NOW + 3);
    expect(
      read(aggregateXml([aggregateXml([at(NOW + 5)], NOW + 4).replace("_all", "_inner")], NOW + 9)).validUntil,
    ).toBe(NOW + 4);
  });
});

describe("metadata are refused", () => {
  const federation = { mine, others: entityXml({ entityId: "https://sp.example.com", certificates: [], id: "_sp" }) };
  const serviceProvider = federation.others.replaceAll("IDPSSODescriptor", "SPSSODescriptor");

  test("if the wanted entity is no identity provider", () => {
    const all = aggregateXml([mine, serviceProvider]);
    expect(() => read(all, { entityId: "https://sp.example.com" })).toThrow("the entity is not an identity provider");
    expect(read(all).entityId).toBe(ISSUER);
  });

  test("if the wanted entity is no EntityDescriptor of SAML", () => {
    for (const name of ["md:AffiliationDescriptor", "EntityDescriptor"]) {
      const other = mine.replace("<md:EntityDescriptor", `<${name}`).replace("</md:EntityDescriptor", `</${name}`);
      const all = aggregateXml([
        other.replace("<EntityDescriptor xmlns:md=", "<EntityDescriptor xmlns='urn:x' xmlns:md="),
      ]);
      expect(() => read(all, { entityId: ISSUER })).toThrow("it does not contain the entity");
      expect(() => read(all)).toThrow("it contains no identity provider");
    }
  });

  test("if the wanted entity's ID has a byte order mark in it", () => {
    const other = changed(ISSUER, `${ISSUER.slice(0, -1)}\ufeff${ISSUER.slice(-1)}`);
    expect(() => read(other, { entityId: ISSUER })).toThrow("it does not contain the entity");
  });

  test("if they contain the wanted entity twice", () => {
    const twice = aggregateXml([mine, mine.replace("_entity", "_again")]);
    expect(() => read(twice, { entityId: ISSUER })).toThrow(`it contains 2 identity providers: ${ISSUER}, ${ISSUER}`);
  });

  test("if they are longer than allowed, by one byte", () => {
    expect(read(mine, { maxLength: Buffer.byteLength(mine) }).entityId).toBe(ISSUER);
    expect(() => read(mine, { maxLength: Buffer.byteLength(mine) - 1 })).toThrow("it is not XML");
  });

  test.each([
    ["two hyphens in a comment", "<!-- a -- b -->"],
    ["a comment that does not end", "<!-- a"],
    ["a processing instruction", "<?x?>"],
    ["a second byte order mark", "\ufeff\ufeff"],
  ])("if they have %s", (_what, markup) => {
    expect(() => read(`${markup}${mine}`)).toThrow(MetadataError);
  });

  test("but not for comments of several lines, in several places", () => {
    expect(read(`<!--\na\n-->${changed("<md:KeyDescriptor", "<!---->$&")}<!-- b -->`).entityId).toBe(ISSUER);
  });
});

describe("an operator is told", () => {
  test("how many identity providers there are, and the first twenty", () => {
    const names = Array.from({ length: 21 }, (_, index) => `idp${index}`);
    expect(() => checkOne(names, undefined)).toThrow(
      `it contains 21 identity providers: ${names.slice(0, 20).join(", ")}`,
    );
    expect(() => checkOne(names, undefined)).not.toThrow("idp20");
    expect(() => checkOne([], undefined)).toThrow("it contains no identity provider");
    expect(() => checkOne([], "idp")).toThrow("it does not contain the entity");
    expect(() => checkOne(["idp"], undefined)).not.toThrow();
  });

  test("what is wrong with a signature, with its cause", () => {
    const algorithm = new Refusal("assertion_algorithm_not_allowed");
    expect(signatureError(algorithm)).toMatchObject({
      message: expect.stringContaining("not accepted"),
      cause: algorithm,
    });
    const form = new Refusal("assertion_structure_invalid");
    expect(signatureError(form)).toMatchObject({ message: expect.stringContaining("the form that SAML"), cause: form });
    for (const other of [new Refusal("assertion_signature_invalid"), new TypeError("broken"), undefined]) {
      expect(signatureError(other)).toMatchObject({ message: "its signature does not verify", cause: other });
    }
    expect(signatureError(form).name).toBe("MetadataError");
  });

  test("what of the metadata cannot be read, with its cause", () => {
    const failed = (xml: string) => {
      try {
        return read(xml);
      } catch (error) {
        return error;
      }
    };
    const cause = expect.any(Error);
    expect(failed("hello")).toMatchObject({ message: expect.stringContaining("it is not XML"), cause });
    const nested = failed(changed("<ds:X509Certificate>", "$&<b/>"));
    const malformed = expect.objectContaining({ reason: "assertion_malformed" });
    expect(nested).toMatchObject({ message: "a certificate in it cannot be read", cause: malformed });
    expect(failed(changed(body, "AAAA"))).toMatchObject({ message: "a certificate in it cannot be read", cause });
    const soon = changed(" entityID", ' validUntil="soon" entityID');
    expect(failed(soon)).toMatchObject({ message: "a validUntil in it cannot be read", cause });
  });
});

test("an entity without an ID has an empty one", () => {
  const anonymous = changed(/ entityID="[^"]*"/, "");
  expect(read(anonymous).entityId).toBe("");
  expect(() => read(aggregateXml([anonymous, mine]))).toThrow(`it contains 2 identity providers: , ${ISSUER}`);
});

test("the signature of the document counts where the entity has one as well", async () => {
  const publisher = await createSigningIdentity();
  const signers = [new X509Certificate(publisher.certificate).publicKey];
  const entity = signXml(mine, "_entity", stranger);
  const document = signXml(aggregateXml([entity]), "_all", publisher);
  expect(read(document, { signers, entityId: ISSUER }).encoded).toEqual([body]);
  expect(() => read(aggregateXml([entity]), { signers, entityId: ISSUER })).toThrow("its signature does not verify");
});
