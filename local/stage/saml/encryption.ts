import { constants, createCipheriv, publicEncrypt, randomBytes, X509Certificate } from "node:crypto";

/** How an identity provider encrypts for us. */
export interface EncryptionForm {
  /** `aes256-gcm` or another that the configuration can name. */
  readonly cipher?: string;
  /** `rsa-oaep-mgf1p`, whose mask is made with SHA-1, or `rsa-oaep` with the hash for both. */
  readonly transport?: "rsa-oaep-mgf1p" | "rsa-oaep" | "rsa-1_5";
  readonly hash?: "sha1" | "sha256" | "sha512";
  /** Whether the EncryptedKey stands beside the EncryptedData, as some products have it, and not in it. */
  readonly keyBeside?: boolean;
  /** A wrong last byte of CBC's padding. The right one is the length of the padding. */
  readonly lastByte?: number;
}

const XMLENC = "http://www.w3.org/2001/04/xmlenc#";
const XMLENC11 = "http://www.w3.org/2009/xmlenc11#";

/** An EncryptedAssertion of an assertion, for the holder of a certificate's key (SAML core 2.3.4, XML Encryption 1.1). */
export function encryptAssertion(
  xml: string,
  certificate: string,
  {
    cipher = "aes256-gcm",
    transport = "rsa-oaep-mgf1p",
    hash = "sha1",
    keyBeside = false,
    lastByte,
  }: EncryptionForm = {},
): string {
  const length = Number(/\d+/.exec(cipher)) / 8;
  const key = randomBytes(length);
  const method = cipher.endsWith("gcm") ? `${XMLENC11}${cipher}` : `${XMLENC}${cipher}`;
  const sent = encryptedKey(key, certificate, transport, hash);
  const data =
    `<xenc:EncryptedData xmlns:xenc="${XMLENC}" Type="${XMLENC}Element"><xenc:EncryptionMethod Algorithm="${method}"/>` +
    `${keyBeside ? "" : `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${sent}</ds:KeyInfo>`}` +
    `<xenc:CipherData><xenc:CipherValue>${encipher(xml, key, cipher, lastByte).toString("base64")}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>`;
  return `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${data}${keyBeside ? sent : ""}</saml:EncryptedAssertion>`;
}

function encipher(text: string, key: Buffer, cipher: string, lastByte: number | undefined): Buffer {
  const iv = randomBytes(cipher.endsWith("gcm") ? 12 : 16);
  const name = cipher.replace(/^aes(\d+)/, "aes-$1");
  if (name.endsWith("gcm")) {
    const gcm = createCipheriv(name as "aes-256-gcm", key, iv);
    return Buffer.concat([iv, gcm.update(text), gcm.final(), gcm.getAuthTag()]);
  }
  // Only the last byte of the padding has a meaning (XML Encryption 1.1 section 5.2.1).
  const length = 16 - (Buffer.byteLength(text) % 16);
  const padding = Buffer.alloc(length, 0xff).fill(lastByte ?? length, length - 1);
  const cbc = createCipheriv(name, key, iv).setAutoPadding(false);
  return Buffer.concat([iv, cbc.update(text), cbc.update(padding), cbc.final()]);
}

function encryptedKey(key: Buffer, certificate: string, transport: string, hash: string): string {
  const padding = transport === "rsa-1_5" ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const recipient = new X509Certificate(certificate).publicKey;
  const value = publicEncrypt({ key: recipient, padding, oaepHash: hash }, key).toString("base64");
  const digest = hash === "sha1" ? "http://www.w3.org/2000/09/xmldsig#sha1" : `${XMLENC}${hash}`;
  const method =
    transport === "rsa-oaep"
      ? `<xenc:EncryptionMethod Algorithm="${XMLENC11}rsa-oaep"><ds:DigestMethod Algorithm="${digest}"/>` +
        `<xenc11:MGF xmlns:xenc11="${XMLENC11}" Algorithm="${XMLENC11}mgf1${hash}"/></xenc:EncryptionMethod>`
      : `<xenc:EncryptionMethod Algorithm="${XMLENC}${transport}"><ds:DigestMethod Algorithm="${digest}"/></xenc:EncryptionMethod>`;
  return (
    `<xenc:EncryptedKey xmlns:xenc="${XMLENC}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${method}` +
    `<xenc:CipherData><xenc:CipherValue>${value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`
  );
}
