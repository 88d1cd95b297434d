import { certificateBody } from "../../../providers/saml/certificate.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { escapeXml } from "../../../shared/infrastructure/xml/escape-xml.ts";

/** Metadata of an identity provider. */
export interface MetadataXml {
  readonly entityId: string;
  /** PEM. */
  readonly certificates: readonly string[];
  readonly use?: "signing" | "encryption";
  /** Seconds since the epoch. */
  readonly validUntil?: number;
  readonly id?: string;
}

const end = (validUntil: number | undefined) =>
  validUntil === undefined ? "" : ` validUntil="${new Date(validUntil * 1000).toISOString()}"`;

/** An EntityDescriptor of an identity provider (SAML metadata 2.3.2). */
export function entityXml({ entityId, certificates, use, validUntil, id = "_entity" }: MetadataXml): string {
  const keys = certificates.map(
    (pem) =>
      `<md:KeyDescriptor${use ? ` use="${use}"` : ""}><ds:KeyInfo xmlns:ds="${NAMESPACES.signature}"><ds:X509Data>` +
      `<ds:X509Certificate>\n${certificateBody(pem)}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  return (
    `<md:EntityDescriptor xmlns:md="${NAMESPACES.metadata}" ID="${id}" entityID="${escapeXml(entityId)}"${end(validUntil)}>` +
    `<md:IDPSSODescriptor protocolSupportEnumeration="${NAMESPACES.protocol}">${keys.join("")}` +
    `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>` +
    `</md:IDPSSODescriptor></md:EntityDescriptor>`
  );
}

/** An EntitiesDescriptor, the document of a federation (SAML metadata 2.3.1). */
export const aggregateXml = (entities: readonly string[], validUntil?: number): string =>
  `<md:EntitiesDescriptor xmlns:md="${NAMESPACES.metadata}" ID="_all"${end(validUntil)}>${entities.join("")}</md:EntitiesDescriptor>`;
