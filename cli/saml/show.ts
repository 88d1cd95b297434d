import { X509Certificate } from "node:crypto";
import { attribute, children, descendants, is } from "../../providers/saml/xml/document.ts";
import { trimXml } from "../../providers/saml/xml/white-space.ts";
import type { Namespace } from "../../shared/domain/saml/namespaces.ts";
import type { CommandIo } from "../command-io.ts";
import { orFailure } from "./failures.ts";
import { parseMessage } from "./message.ts";

/** The elements that are shown, each with the attributes that are shown. The text of an element is shown too. */
const SHOWN: readonly (readonly [Namespace, string, readonly string[]])[] = [
  ["protocol", "Response", ["ID", "IssueInstant", "Destination", "InResponseTo"]],
  ["protocol", "StatusCode", ["Value"]],
  ["assertion", "Assertion", ["ID", "IssueInstant"]],
  ["assertion", "EncryptedAssertion", []],
  ["encryption", "EncryptionMethod", ["Algorithm"]],
  ["assertion", "Issuer", []],
  ["signature", "SignatureMethod", ["Algorithm"]],
  ["signature", "DigestMethod", ["Algorithm"]],
  ["signature", "X509Certificate", []],
  ["assertion", "NameID", ["Format", "SPNameQualifier"]],
  ["assertion", "SubjectConfirmation", ["Method"]],
  ["assertion", "SubjectConfirmationData", ["Recipient", "NotOnOrAfter", "NotBefore", "Address", "InResponseTo"]],
  ["assertion", "Conditions", ["NotBefore", "NotOnOrAfter"]],
  ["assertion", "Audience", []],
  ["assertion", "OneTimeUse", []],
  ["assertion", "AuthnStatement", ["AuthnInstant", "SessionNotOnOrAfter"]],
  ["assertion", "AuthnContextClassRef", []],
  ["assertion", "Attribute", ["Name"]],
  ["assertion", "AttributeValue", []],
];

/** Prints the content of a message, element by element, as help for writing a configuration. */
export const showMessage = (file: string | undefined, io: CommandIo): Promise<void> =>
  orFailure(async () => printElements(await parseMessage(file), io));

function printElements(root: Element, { stdout, stderr }: CommandIo): void {
  stderr.write("Nothing of this is verified.\n");
  for (const element of descendants(root)) {
    const { localName } = element;
    const shown = SHOWN.find(([namespace, name]) => is(element, namespace, name));
    if (!shown) continue;
    const said = shown[2].flatMap((name) => {
      const value = attribute(element, name);
      return value === undefined ? [] : [`${name}=${value}`];
    });
    const text = children(element).length === 0 ? trimXml(element.textContent ?? "") : "";
    const line = [localName, ...said, localName === "X509Certificate" ? fingerprintOf(text) : text].filter(Boolean);
    stdout.write(`${"  ".repeat(depthOf(element))}${line.join(" ")}\n`);
  }
}

function fingerprintOf(base64: string): string {
  try {
    return `SHA-256 ${new X509Certificate(Buffer.from(base64, "base64")).fingerprint256}`;
  } catch {
    return "that cannot be read";
  }
}

function depthOf(element: Element): number {
  let depth = 0;
  for (let at = element.parentNode; at?.nodeType === 1; at = at.parentNode) depth++;
  return depth;
}
