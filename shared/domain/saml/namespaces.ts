/** XML namespaces of SAML messages and metadata, XML Signature and XML Encryption. */
export const NAMESPACES = {
  assertion: "urn:oasis:names:tc:SAML:2.0:assertion",
  protocol: "urn:oasis:names:tc:SAML:2.0:protocol",
  metadata: "urn:oasis:names:tc:SAML:2.0:metadata",
  signature: "http://www.w3.org/2000/09/xmldsig#",
  canonicalization: "http://www.w3.org/2001/10/xml-exc-c14n#",
  encryption: "http://www.w3.org/2001/04/xmlenc#",
  schemaInstance: "http://www.w3.org/2001/XMLSchema-instance",
  encryption11: "http://www.w3.org/2009/xmlenc11#",
} as const;

export type Namespace = keyof typeof NAMESPACES;
