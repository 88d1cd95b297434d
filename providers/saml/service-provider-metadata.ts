import { escapeXml } from "../../shared/infrastructure/xml/escape-xml.ts";
import { certificateBody } from "./certificate.ts";

/** What an identity provider has to know about us. */
export interface ServiceProvider {
  readonly entityId: string;
  /** URLs of our assertion consumer services, the default one first. */
  readonly consumerUrls: readonly string[];
  readonly signsRequests: boolean;
  /** Certificate of our signed requests, PEM or base64. */
  readonly signing?: string | undefined;
  /** Certificate for assertions that are encrypted for us, PEM or base64. */
  readonly encryption?: string | undefined;
  /** URIs of formats of names. */
  readonly nameFormats?: readonly string[];
}

/** Algorithms that are accepted from every identity provider (XML Encryption 1.1): ciphers and key transport. */
const ENCRYPTION_METHODS = [
  "http://www.w3.org/2009/xmlenc11#aes256-gcm",
  "http://www.w3.org/2009/xmlenc11#aes128-gcm",
  "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

/** Our metadata towards identity providers (SAML metadata 2.4.4). */
export const serviceProviderMetadata = (own: ServiceProvider): string =>
  [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escapeXml(own.entityId)}">`,
    `  <md:SPSSODescriptor AuthnRequestsSigned="${own.signsRequests}" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`,
    ...keyDescriptor("signing", own.signing),
    ...keyDescriptor("encryption", own.encryption, ENCRYPTION_METHODS),
    ...(own.nameFormats ?? []).map((uri) => `    <md:NameIDFormat>${uri}</md:NameIDFormat>`),
    ...own.consumerUrls.map(consumerService),
    `  </md:SPSSODescriptor>`,
    `</md:EntityDescriptor>`,
    "",
  ].join("\n");

const consumerService = (location: string, index: number) =>
  `    <md:AssertionConsumerService index="${index}"${index === 0 ? ' isDefault="true"' : ""} ` +
  `Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${escapeXml(location)}"/>`;

function keyDescriptor(use: string, certificate: string | undefined, methods: readonly string[] = []): string[] {
  if (certificate === undefined) return [];
  return [
    `    <md:KeyDescriptor use="${use}">`,
    `      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificateBody(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`,
    ...methods.map((uri) => `      <md:EncryptionMethod Algorithm="${uri}"/>`),
    `    </md:KeyDescriptor>`,
  ];
}
