import { constants, deflateRawSync } from "node:zlib";
import { readMessage } from "../../providers/saml/message.ts";
import { canonicalForm } from "../../providers/saml/xml/canonical.ts";
import { children, onlyChild, parseXml } from "../../providers/saml/xml/document.ts";
import { scanXml } from "../../providers/saml/xml/scan.ts";
import { isSigned } from "../../providers/saml/xml/signature.ts";
import { type SamlAction, UsageError } from "../saml.ts";
import { readMessageText } from "./message.ts";

/** Bytes that API Gateway takes of all headers together. */
const MAX_HEADERS = 10_240;

/** Prints the deflated credential of a message. */
export const run: SamlAction = async (place, { assertion: alone }, { stdout, stderr }) => {
  const whole = await readMessageText(place);
  const text = alone ? assertionText(whole) : whole;
  const credential = deflateRawSync(text, { level: constants.Z_BEST_COMPRESSION }).toString("base64url");
  stdout.write(`${credential}\n`);
  stderr.write(`${credential.length} characters, made of ${text.length} of XML.\n`);
  scanXml(text);
  if (credential.length <= MAX_HEADERS) return 0;
  stderr.write(
    `API Gateway takes ${MAX_HEADERS} bytes of headers in all: ask the identity provider for fewer attributes.\n`,
  );
  return 1;
};

/** The assertion of a Response as a document of its own: in the form that it was signed in, so that its signature holds. */
function assertionText(text: string): string {
  const { assertion } = readMessage(parseXml(text));
  if (!assertion || !isSigned(assertion)) {
    throw new UsageError("The assertion is not signed itself: without its Response nothing vouches for it.");
  }
  const [signature] = children(assertion, "signature", "Signature");
  const info = signature && onlyChild(signature, "signature", "SignedInfo");
  const reference = info && onlyChild(info, "signature", "Reference");
  const transforms = reference && onlyChild(reference, "signature", "Transforms");
  const method = transforms && children(transforms).at(-1);
  if (!method) throw new UsageError("The assertion's signature is not of the form that SAML gives it.");
  return canonicalForm(assertion, method);
}
