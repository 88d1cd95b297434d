import { describe, expect, test } from "vitest";
import { createSigningIdentity } from "../../../../local/stage/saml/signing.ts";
import { ConfigurationError } from "../../../../shared/domain/config/configuration-error.ts";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";
import { identity } from "../../../providers/saml/fixture.ts";

/** Mistakes in the section `saml`. */
const ENTRY = { issuer: "https://idp.example.com", certificates: [identity.certificate] };
const { certificates: _, ...bare } = ENTRY;
const url = "https://idp.example.com/metadata";

function mistakesIn(entry: object, section: object = {}): string[] {
  const saml = { audience: "a", recipients: "b", identityProviders: [entry], ...section };
  try {
    parseConfig({ saml, routes: [{ name: "all", methods: ["GET"], paths: ["/a"] }] });
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes.map(({ path, allowed }) => `${path}: ${allowed}`);
    throw error;
  }
}

const weak = await createSigningIdentity({ keySize: 1024 });
const body = identity.certificate.replace(/-----.*-----|\s/g, "");

test.each([
  ["PEM", ENTRY],
  ["base64", { ...bare, certificates: [body] }],
  ["metadata at a URL", { ...bare, metadata: { url } }],
  ["metadata in a file", { ...bare, metadata: { file: "metadata/idp.xml", signedBy: [identity.certificate] } }],
])("accepts certificates as %s", (_what, entry) => {
  expect(mistakesIn(entry)).toEqual([]);
});

test("accepts no identity provider, so that the metadata for the first one can be printed", () => {
  expect(mistakesIn({}, { identityProviders: [] })).toEqual([]);
});

describe("refuses", () => {
  test.each([
    ["an invalid certificate", { ...bare, certificates: [`AAAA${body}`] }, /certificates\[0\]: one X.509/],
    [
      "two certificates in one text",
      { ...bare, certificates: [identity.certificate.repeat(2)] },
      /certificates\[0\]: one X.509/,
    ],
    [
      "a key instead of a certificate",
      { ...bare, certificates: ["-----BEGIN PUBLIC KEY-----\nAAAA"] },
      /certificates\[0\]: one X.509/,
    ],
    ["an entry without certificates and metadata", bare, /either certificates or metadata/],
    ["certificates together with metadata", { ...ENTRY, metadata: { url } }, /either certificates or metadata/],
    ["metadata without url and file", { ...bare, metadata: {} }, /either url or file/],
    ["metadata with url and file", { ...bare, metadata: { url, file: "metadata/idp.xml" } }, /either url or file/],
    ["metadata over http", { ...bare, metadata: { url: "http://idp.example.com" } }, /metadata.url: an https URL/],
    [
      "metadata signed by a key of 1024 bits, which others may have computed",
      { ...bare, metadata: { url, signedBy: [identity.certificate, weak.certificate] } },
      /^\S+signedBy\[1\]: a certificate with a strong key: RSA of 2048 bits/,
    ],
    ["a file outside of metadata/", { ...bare, metadata: { file: "metadata/../secret.xml" } }, /a file in metadata/],
    ["an unknown preset", { ...ENTRY, preset: "azure" }, /preset/],
    ["an unknown algorithm", { ...ENTRY, algorithms: ["hmac-sha256"] }, /algorithms\[0\]/],
    [
      "an unknown encryption algorithm",
      { ...ENTRY, encryptionAlgorithms: ["tripledes-cbc"] },
      /encryptionAlgorithms\[0\]/,
    ],
    [
      "replay: once without a replay table",
      { ...ENTRY, replay: "once" },
      /replayTable, where an identity provider has replay: once/,
    ],
  ])("%s", (_what, entry, mistake) => {
    expect(mistakesIn(entry).join("\n")).toMatch(mistake);
  });

  test("three decryption keys", () => {
    const keys = [{ ssm: "/1" }, { ssm: "/2" }, { ssm: "/3" }];
    expect(mistakesIn(ENTRY, { decryption: { keys } }).join()).toMatch(/decryption.keys/);
    expect(mistakesIn(ENTRY, { decryption: { keys: keys.slice(1) } })).toEqual([]);
  });
});
