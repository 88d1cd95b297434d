import { certificateBody } from "../../../providers/saml/certificate.ts";
import { escapeXml } from "../../../shared/infrastructure/xml/escape-xml.ts";
import type { Connection } from "../login/connections.ts";

/** Certificates of ours, PEM or base64. */
export interface OwnCertificates {
  /** For assertions that are encrypted for us. */
  readonly encryption?: string | undefined;
  /** Of our signed requests. */
  readonly signing?: string | undefined;
}

/** Algorithms that are accepted from every identity provider (XML Encryption 1.1): ciphers and key transport. */
const ENCRYPTION_METHODS = [
  "http://www.w3.org/2009/xmlenc11#aes256-gcm",
  "http://www.w3.org/2009/xmlenc11#aes128-gcm",
  "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

/** Our metadata towards one identity provider (SAML metadata 2.4.4): each connection has an entity ID of its own. */
export function serviceProviderMetadata(
  { entityId, consumerUrl, login }: Connection,
  { encryption, signing }: OwnCertificates,
): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escapeXml(entityId)}">\n` +
    `  <md:SPSSODescriptor AuthnRequestsSigned="${login.signRequest}" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">\n` +
    (login.signRequest ? keyDescriptor("signing", signing) : "") +
    keyDescriptor("encryption", encryption, ENCRYPTION_METHODS) +
    `    <md:AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${escapeXml(consumerUrl)}"/>\n` +
    `  </md:SPSSODescriptor>\n</md:EntityDescriptor>\n`
  );
}

function keyDescriptor(use: string, certificate: string | undefined, methods: readonly string[] = []): string {
  if (certificate === undefined) return "";
  return (
    `    <md:KeyDescriptor use="${use}">\n` +
    `      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificateBody(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\n` +
    methods.map((uri) => `      <md:EncryptionMethod Algorithm="${uri}"/>\n`).join("") +
    `    </md:KeyDescriptor>\n`
  );
}
