import { expect, test } from "vitest";
import {
  ENCRYPTION_ALGORITHMS,
  HASH_ALGORITHMS,
  SIGNATURE_ALGORITHMS,
} from "../../../../shared/domain/saml/algorithms.ts";

/**
 * Identifiers as the standards write them. The local identity provider takes its own from the tables, so that only
 * this test would see a wrong one.
 */
test("signature algorithms have the identifiers of RFC 9231", () => {
  expect(Object.values(SIGNATURE_ALGORITHMS).map(({ uri }) => uri)).toEqual([
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
    "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
  ]);
});

test("encryption algorithms have the identifiers of XML Encryption 1.1", () => {
  expect(Object.values(ENCRYPTION_ALGORITHMS).map(({ uri }) => uri)).toEqual([
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#aes192-gcm",
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
  ]);
});

test("hashes have the identifiers of RFC 9231, and of XML Encryption 1.1 for masks", () => {
  expect(HASH_ALGORITHMS).toEqual({
    sha1: { digest: "http://www.w3.org/2000/09/xmldsig#sha1", mask: "http://www.w3.org/2009/xmlenc11#mgf1sha1" },
    sha256: { digest: "http://www.w3.org/2001/04/xmlenc#sha256", mask: "http://www.w3.org/2009/xmlenc11#mgf1sha256" },
    sha384: {
      digest: "http://www.w3.org/2001/04/xmldsig-more#sha384",
      mask: "http://www.w3.org/2009/xmlenc11#mgf1sha384",
    },
    sha512: { digest: "http://www.w3.org/2001/04/xmlenc#sha512", mask: "http://www.w3.org/2009/xmlenc11#mgf1sha512" },
  });
});
