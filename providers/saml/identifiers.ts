import { NAMESPACES } from "../../shared/domain/saml/namespaces.ts";

/** Identifiers of SAML 2.0 and XML Signature. Namespaces are in shared/domain/saml/namespaces.ts. */
export const IDENTIFIERS = {
  /** Status of a Response (SAML core 3.2.2.2). */
  success: "urn:oasis:names:tc:SAML:2.0:status:Success",
  /** Method of a SubjectConfirmation (SAML profiles 3.3). */
  bearer: "urn:oasis:names:tc:SAML:2.0:cm:bearer",
  /** Format of an Issuer (SAML core 8.3.6). */
  entity: "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
  /** Format of an Issuer of some products; it says nothing (SAML core 8.3.1). */
  unspecified: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
  /** The only transform that SAML allows besides exclusive canonicalization (SAML core 5.4.4). */
  enveloped: `${NAMESPACES.signature}enveloped-signature`,
} as const;
