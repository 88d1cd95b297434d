import { constants, createCipheriv, publicEncrypt, randomBytes, X509Certificate } from "node:crypto";
import {
  ENCRYPTION_ALGORITHMS,
  type EncryptionAlgorithm,
  HASH_ALGORITHMS,
  type HashAlgorithm,
} from "../../../shared/domain/saml/algorithms.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";

/** How an identity provider encrypts an assertion. */
export interface EncryptionForm {
  /** `aes256-gcm` or another that the configuration can name. */
  readonly cipher?: EncryptionAlgorithm;
  /**
   * `rsa-oaep-mgf1p`, whose mask generation uses SHA-1, or `rsa-oaep` with the same hash for digest and mask
   * generation.
   */
  readonly transport?: "rsa-oaep-mgf1p" | "rsa-oaep" | "rsa-1_5";
  readonly hash?: HashAlgorithm;
  /** Whether the EncryptedKey is beside the EncryptedData, as in some products, instead of inside it. */
  readonly keyBeside?: boolean;
  /** A wrong last byte of the CBC padding. The correct byte is the length of the padding. */
  readonly lastByte?: number;
}

const { assertion: SAML, signature: XMLDSIG, encryption: XMLENC, encryption11: XMLENC11 } = NAMESPACES;

/**
 * An EncryptedAssertion of an assertion, for the holder of a certificate's key (SAML core 2.3.4, XML Encryption 1.1).
 */
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
  const { uri: method, bits } = ENCRYPTION_ALGORITHMS[cipher];
  const key = randomBytes(bits / 8);
  const sent = encryptedKey(key, certificate, transport, hash);
  const data =
    `<xenc:EncryptedData xmlns:xenc="${XMLENC}" Type="${XMLENC}Element"><xenc:EncryptionMethod Algorithm="${method}"/>` +
    `${keyBeside ? "" : `<ds:KeyInfo xmlns:ds="${XMLDSIG}">${sent}</ds:KeyInfo>`}` +
    `<xenc:CipherData><xenc:CipherValue>${encipher(xml, key, cipher, lastByte).toString("base64")}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>`;
  return `<saml:EncryptedAssertion xmlns:saml="${SAML}">${data}${keyBeside ? sent : ""}</saml:EncryptedAssertion>`;
}

function encipher(text: string, key: Buffer, cipher: EncryptionAlgorithm, lastByte: number | undefined): Buffer {
  const { bits, mode } = ENCRYPTION_ALGORITHMS[cipher];
  const iv = randomBytes(mode === "gcm" ? 12 : 16);
  if (mode === "gcm") {
    const gcm = createCipheriv(`aes-${bits}-gcm`, key, iv);
    return Buffer.concat([iv, gcm.update(text), gcm.final(), gcm.getAuthTag()]);
  }
  // Only the last byte of the padding is significant (XML Encryption 1.1 section 5.2.1).
  const length = 16 - (Buffer.byteLength(text) % 16);
  const padding = Buffer.alloc(length, 0xff).fill(lastByte ?? length, length - 1);
  const cbc = createCipheriv(`aes-${bits}-cbc`, key, iv).setAutoPadding(false);
  return Buffer.concat([iv, cbc.update(text), cbc.update(padding), cbc.final()]);
}

function encryptedKey(key: Buffer, certificate: string, transport: string, hash: HashAlgorithm): string {
  const padding = transport === "rsa-1_5" ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const recipient = new X509Certificate(certificate).publicKey;
  const value = publicEncrypt({ key: recipient, padding, oaepHash: hash }, key).toString("base64");
  const digest = HASH_ALGORITHMS[hash].digest;
  const method =
    transport === "rsa-oaep"
      ? `<xenc:EncryptionMethod Algorithm="${XMLENC11}rsa-oaep"><ds:DigestMethod Algorithm="${digest}"/>` +
        `<xenc11:MGF xmlns:xenc11="${XMLENC11}" Algorithm="${HASH_ALGORITHMS[hash].mask}"/></xenc:EncryptionMethod>`
      : `<xenc:EncryptionMethod Algorithm="${XMLENC}${transport}"><ds:DigestMethod Algorithm="${digest}"/></xenc:EncryptionMethod>`;
  return (
    `<xenc:EncryptedKey xmlns:xenc="${XMLENC}" xmlns:ds="${XMLDSIG}">${method}` +
    `<xenc:CipherData><xenc:CipherValue>${value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`
  );
}
