export const XMLENC = "http://www.w3.org/2001/04/xmlenc#";
export const XMLENC11 = "http://www.w3.org/2009/xmlenc11#";
/** What an EncryptedData may say that it holds. */
export const ELEMENT = `${XMLENC}Element`;

/** A cipher for content, by the name that the configuration uses. */
export interface Cipher {
  readonly uri: string;
  readonly keyLength: number;
}

/** Ciphers of XML Encryption 1.1 section 5.2. */
export const CIPHERS: Readonly<Record<string, Cipher>> = {
  "aes128-gcm": { uri: `${XMLENC11}aes128-gcm`, keyLength: 16 },
  "aes192-gcm": { uri: `${XMLENC11}aes192-gcm`, keyLength: 24 },
  "aes256-gcm": { uri: `${XMLENC11}aes256-gcm`, keyLength: 32 },
  "aes128-cbc": { uri: `${XMLENC}aes128-cbc`, keyLength: 16 },
  "aes192-cbc": { uri: `${XMLENC}aes192-cbc`, keyLength: 24 },
  "aes256-cbc": { uri: `${XMLENC}aes256-cbc`, keyLength: 32 },
};

/** Hashes of RSA-OAEP (section 5.5.2) by the identifiers of DigestMethod, and below of MGF. */
export const OAEP_HASHES: Readonly<Record<string, string>> = {
  "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
  "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
  "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
  "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
};
export const MASKS: Readonly<Record<string, string>> = {
  [`${XMLENC11}mgf1sha1`]: "sha1",
  [`${XMLENC11}mgf1sha256`]: "sha256",
  [`${XMLENC11}mgf1sha384`]: "sha384",
  [`${XMLENC11}mgf1sha512`]: "sha512",
};
