import { certificateBody } from "../../providers/saml/certificate.ts";
import { escapeXml } from "../../shared/infrastructure/xml/escape-xml.ts";
import type { CommandIo } from "../command-io.ts";
import { UsageError } from "../usage-error.ts";

const BEARER_FORMATS = [
  "1.1:nameid-format:unspecified",
  "1.1:nameid-format:emailAddress",
  "2.0:nameid-format:persistent",
];

/** Algorithms that are accepted from every identity provider (XML Encryption 1.1): ciphers and key transport. */
const ENCRYPTION_METHODS = [
  "http://www.w3.org/2009/xmlenc11#aes256-gcm",
  "http://www.w3.org/2009/xmlenc11#aes128-gcm",
  "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

/** Prints this API's own service provider metadata (SAML metadata 2.4.4). */
export async function printMetadata(
  { audience }: { readonly audience?: string },
  { stdout, stderr, config }: CommandIo,
): Promise<void> {
  const { saml } = await config();
  if (!saml) throw new UsageError("The configuration has no `saml`.");
  const [first = "", ...others] = saml.audience;
  if (audience !== undefined && !saml.audience.includes(audience)) {
    throw new UsageError(`The configuration's audiences are ${saml.audience.join(", ")}.`);
  }
  if (others.length > 0 && audience === undefined) {
    stderr.write(`For ${first}. The configuration has other audiences: --audience names one.\n`);
  }
  const services = saml.recipients.map(
    (location, index) =>
      `    <md:AssertionConsumerService index="${index}"${index === 0 ? ' isDefault="true"' : ""} ` +
      `Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${escapeXml(location)}"/>\n`,
  );
  stdout.write(
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
      `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escapeXml(audience ?? first)}">\n` +
      `  <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">\n` +
      keyDescriptor(saml.decryption?.certificate) +
      BEARER_FORMATS.map((name) => `    <md:NameIDFormat>urn:oasis:names:tc:SAML:${name}</md:NameIDFormat>\n`).join(
        "",
      ) +
      services.join("") +
      `  </md:SPSSODescriptor>\n</md:EntityDescriptor>\n`,
  );
}

function keyDescriptor(certificate: string | undefined): string {
  if (certificate === undefined) return "";
  return (
    `    <md:KeyDescriptor use="encryption">\n` +
    `      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificateBody(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\n` +
    ENCRYPTION_METHODS.map((uri) => `      <md:EncryptionMethod Algorithm="${uri}"/>\n`).join("") +
    `    </md:KeyDescriptor>\n`
  );
}
