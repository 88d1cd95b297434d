import { createHmac, sign, verify, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import {
  createSigningIdentity,
  type SignatureForm,
  type SigningIdentity,
  signXml,
} from "../../../local/stage/saml/signing.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { NOW } from "../../fixtures.ts";
import { identity, issue, judge, judgeXml, OPTIONS, providerOf, stranger } from "./fixture.ts";

type Entry = NonNullable<SallyportConfig["saml"]>["identityProviders"][number];

const XML = assertionXml(OPTIONS);
const signed = (form: SignatureForm, by: SigningIdentity = identity) =>
  encodeXml(signXml(XML, ASSERTION_ID, by, form), "deflate");
/** The canonical form of a SignedInfo from `signXml`. */
const canonical = (info: string) =>
  Buffer.from(
    info
      .replace("<ds:SignedInfo>", '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">')
      .replace(/<([\w:]+)([^>]*)\/>/g, "<$1$2></$1>"),
  );
const p256 = await createSigningIdentity({ curve: "P-256" });
const p384 = await createSigningIdentity({ curve: "P-384" });
const entryOf = (by: SigningIdentity, more: Partial<Entry> = {}) =>
  providerOf({ certificates: [by.certificate], ...more });

describe("accepts by default a signature with", () => {
  test.each([
    ["rsa-sha256", identity],
    ["rsa-sha384", identity],
    ["rsa-sha512", identity],
    ["rsa-pss-sha256", identity],
    ["rsa-pss-sha512", identity],
    ["ecdsa-sha256", p256],
    ["ecdsa-sha384", p384],
    ["ecdsa-sha512", p384],
  ] as const)("%s", async (algorithm, by) => {
    expect(await judge(signed({ algorithm }, by), entryOf(by))).toHaveProperty("subject", OPTIONS.subject);
    const changed = signXml(XML, ASSERTION_ID, by, { algorithm }).replace("alice@", "root@");
    expect(await judge(encodeXml(changed, "deflate"), entryOf(by))).toBe("assertion_signature_invalid");
  });

  test("RSA and InclusiveNamespaces, in a Response that declares the namespaces", async () => {
    const typed = assertionXml({ ...OPTIONS, attributes: { mail: "a@b" } }).replace(
      "<saml:AttributeValue>",
      '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">',
    );
    const response = responseXml(OPTIONS, typed).replace(
      "<samlp:Response ",
      '$&xmlns:xs="http://www.w3.org/2001/XMLSchema" ',
    );
    const form = { inclusivePrefixes: ["xs"] };
    const inner = signXml(response, ASSERTION_ID, identity, form);
    const both = signXml(inner, "_response", identity, form);
    const by = providerOf({ attributes: { attributes: { mail: "mail" } } });
    expect(await judge(encodeXml(inner, "deflate"), by)).toHaveProperty("attributes", { mail: "a@b" });
    expect(await judge(encodeXml(both, "deflate"), by)).toHaveProperty("attributes", { mail: "a@b" });
    expect(await judge(encodeXml(both.replace(">a@b<", ">root<"), "deflate"), by)).toBe("assertion_signature_invalid");
  });
});

describe("refuses a signature", () => {
  test("with SHA-1, or with a SHA-1 digest, if the entry does not allow it", async () => {
    const digest = "http://www.w3.org/2000/09/xmldsig#sha1";
    expect(await judge(signed({ algorithm: "rsa-sha1" }))).toBe("assertion_algorithm_not_allowed");
    expect(await judge(signed({ digest }))).toBe("assertion_algorithm_not_allowed");
    const old = providerOf({ algorithms: ["rsa-sha1"] });
    expect(await judge(signed({ algorithm: "rsa-sha1" }), old)).toHaveProperty("subject");
    expect(await judge(signed({}), old)).toBe("assertion_algorithm_not_allowed");
  });

  test("with an algorithm that the entry does not list", async () => {
    const strict = providerOf({ algorithms: ["rsa-pss-sha256"] });
    expect(await judge(signed({ algorithm: "rsa-pss-sha256" }), strict)).toHaveProperty("subject");
    expect(await judge(signed({}), strict)).toBe("assertion_algorithm_not_allowed");
  });

  test("by a key of another type than the algorithm needs", async () => {
    const claimed = signXml(XML, ASSERTION_ID, p256, { algorithm: "ecdsa-sha256" }).replace(
      "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
      "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    );
    expect(await judgeXml(claimed, entryOf(p256))).toBe("assertion_signature_invalid");
    expect(await judge(signed({ algorithm: "ecdsa-sha256" }, p256))).toBe("assertion_signature_invalid");
    // Signed with the type of the key, but with the name of an algorithm for the other type.
    expect(await judge(signed({ algorithm: "ecdsa-sha256" }, identity))).toBe("assertion_signature_invalid");
    expect(await judge(signed({ algorithm: "rsa-sha256" }, p256), entryOf(p256))).toBe("assertion_signature_invalid");
  });

  test("with an ECDSA value in DER, which would be a second encoding", async () => {
    const xml = signXml(XML, ASSERTION_ID, p256, { algorithm: "ecdsa-sha256" });
    const [info = ""] = /<ds:SignedInfo.*<\/ds:SignedInfo>/.exec(xml) ?? [];
    const bytes = canonical(info);
    const [, own = ""] = /<ds:SignatureValue>([^<]*)/.exec(xml) ?? [];
    const key = { key: new X509Certificate(p256.certificate).publicKey, dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", bytes, key, Buffer.from(own, "base64"))).toBe(true);
    const der = sign("sha256", bytes, p256.privateKey);
    const changed = xml.replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${der.toString("base64")}`);
    expect(await judge(encodeXml(changed, "deflate"), entryOf(p256))).toBe("assertion_signature_invalid");
  });

  test("that refers to another element than its parent", async () => {
    const resigned = (uri: string) => {
      const xml = signXml(XML, ASSERTION_ID, identity).replace(`URI="#${ASSERTION_ID}"`, `URI="${uri}"`);
      const [info = ""] = /<ds:SignedInfo.*<\/ds:SignedInfo>/.exec(xml) ?? [];
      const value = sign("sha256", canonical(info), identity.privateKey).toString("base64");
      return encodeXml(xml.replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`), "deflate");
    };
    expect(await judge(resigned(`#${ASSERTION_ID}`))).toHaveProperty("subject");
    for (const uri of ["#_other", "", "#", ASSERTION_ID, `#xpointer(id('${ASSERTION_ID}'))`]) {
      expect(await judge(resigned(uri))).toBe("assertion_structure_invalid");
    }
  });

  test("with an HMAC whose key is the public certificate or key", async () => {
    const { publicKey, raw } = new X509Certificate(identity.certificate);
    const secrets = [identity.certificate, raw, publicKey.export({ type: "spki", format: "pem" })];
    const evil = XML.replace("alice@", "root@");
    for (const hash of ["sha1", "sha256"]) {
      const uri =
        hash === "sha1"
          ? "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
          : "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
      for (const secret of secrets) {
        const xml = signXml(evil, ASSERTION_ID, stranger).replace(/(SignatureMethod Algorithm=)"[^"]*"/, `$1"${uri}"`);
        const [info = ""] = /<ds:SignedInfo.*<\/ds:SignedInfo>/.exec(xml) ?? [];
        const value = createHmac(hash, secret).update(canonical(info)).digest("base64");
        const forged = xml.replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`);
        expect(await judge(encodeXml(forged, "deflate"))).toBe("assertion_algorithm_not_allowed");
      }
    }
  });

  test("by a key of 1024 bits", async () => {
    const small = await createSigningIdentity({ keySize: 1024 });
    expect(await judge(issue({}, {}, small), entryOf(small))).toBe("assertion_algorithm_not_allowed");
  });
});

describe("expired or not yet valid certificates", () => {
  const dates = { from: NOW, until: NOW + 60 };
  test.each([
    ["are refused by default", {}, "assertion_certificate_invalid", undefined],
    ["are refused with refuse", { certificateDates: "refuse" }, "assertion_certificate_invalid", undefined],
    [
      "are accepted with a warning with warn",
      { certificateDates: "warn" },
      "alice@example.com",
      ["certificate_out_of_dates"],
    ],
    ["are accepted with ignore", { certificateDates: "ignore" }, "alice@example.com", undefined],
  ] as const)("%s", async (_title, entry, outcome, warnings) => {
    const dated = await createSigningIdentity(dates);
    const provider = entryOf(dated, entry);
    const verdict = async (time: number) => {
      const value = issue({ time: NOW - 10, lifetime: 600 }, {}, dated);
      return judge(value, provider, { time }, (given) => given);
    };
    for (const time of [NOW - 1, NOW + 60]) {
      const given = await verdict(time);
      expect(given.status === "authenticated" ? given.principal.subject : given.reason).toBe(outcome);
      expect(given.status === "authenticated" ? given.warnings : undefined).toEqual(warnings);
    }
    for (const time of [NOW, NOW + 59]) {
      expect(await verdict(time)).toMatchObject({ status: "authenticated" });
      expect(await verdict(time)).not.toHaveProperty("warnings");
    }
  });

  test("are warned of if one of two signatures is theirs", async () => {
    const dated = await createSigningIdentity(dates);
    const by = providerOf({
      certificates: [dated.certificate, identity.certificate],
      certificateDates: "warn",
    });
    const inner = { time: NOW - 10, lifetime: 600 };
    for (const [first, second] of [
      [dated, identity],
      [identity, dated],
    ] as const) {
      const xml = signXml(assertionXml({ ...OPTIONS, ...inner }), ASSERTION_ID, first);
      const both = encodeXml(signXml(responseXml(OPTIONS, xml), "_response", second), "deflate");
      expect(await judge(both, by, { time: NOW + 60 }, (given) => given)).toHaveProperty("warnings");
    }
  });

  test("are warned of from their end on, also for an assertion that was verified before", async () => {
    const dated = await createSigningIdentity(dates);
    const by = entryOf(dated, { certificateDates: "warn" });
    const value = issue({ time: NOW - 10, lifetime: 600 }, {}, dated);
    expect(await judge(value, by, { time: NOW }, (given) => given)).not.toHaveProperty("warnings");
    expect(await judge(value, by, { time: NOW + 60 }, (given) => given)).toHaveProperty("warnings");
  });

  test("end the policy with refuse", async () => {
    const dated = await createSigningIdentity(dates);
    const credential = issue({}, {}, dated);
    expect(await judge(credential, entryOf(dated))).toHaveProperty("expiresAt", NOW + 60);
    expect(await judge(credential, entryOf(dated, { certificateDates: "warn" }))).toHaveProperty(
      "expiresAt",
      NOW + 300,
    );
  });

  test("are ignored if another certificate is valid", async () => {
    const dated = await createSigningIdentity({ from: NOW - 60, until: NOW });
    const both = providerOf({ certificates: [dated.certificate, identity.certificate] });
    expect(await judge(issue(), both)).toHaveProperty("subject");
    expect(await judge(issue({}, {}, dated), both)).toBe("assertion_signature_invalid");
    expect(await judge(issue({}, {}, stranger), both)).toBe("assertion_signature_invalid");
  });
});
