import { constants, deflateRawSync } from "node:zlib";
import { readMessage } from "../../providers/saml/message.ts";
import { canonicalForm } from "../../providers/saml/xml/canonical.ts";
import { children, onlyChild, parseXml } from "../../providers/saml/xml/document.ts";
import { scanXml } from "../../providers/saml/xml/scan.ts";
import { isSigned } from "../../providers/saml/xml/signature.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { UsageError } from "../usage-error.ts";
import { orFailure } from "./failures.ts";
import { readMessageText } from "./message.ts";

/** API Gateway's limit for all headers together, in bytes. */
const MAX_HEADERS = 10_240;

/** Longest canonical form in characters. A credential is far shorter. */
const MAX_FORM = 2 ** 20;

interface EncodeOptions {
  /** Encodes the assertion without the Response around it. */
  readonly assertion?: boolean;
}

/** Prints a message as a deflated credential. Returns the exit code. */
export const encodeMessage = (file: string | undefined, options: EncodeOptions, io: CommandIo): Promise<number> =>
  orFailure(async () => {
    const whole = await readMessageText(file);
    return printCredential(options.assertion ? assertionText(whole) : whole, io);
  });

function printCredential(text: string, { stdout, stderr }: CommandIo): number {
  const credential = deflateRawSync(text, { level: constants.Z_BEST_COMPRESSION }).toString("base64url");
  stdout.write(`${credential}\n`);
  stderr.write(`${credential.length} characters, made of ${text.length} of XML.\n`);
  scanXml(text);
  if (credential.length <= MAX_HEADERS) return EXIT.done;
  stderr.write(
    `API Gateway takes ${MAX_HEADERS} bytes of headers in all: ask the identity provider for fewer attributes.\n`,
  );
  return EXIT.failed;
}

/**
 * The assertion of a Response as a separate document, in the canonical form that was signed, so that its signature
 * stays valid.
 */
function assertionText(text: string): string {
  const { assertion } = readMessage(parseXml(text));
  if (!assertion || !isSigned(assertion)) {
    throw new UsageError("The assertion is not signed: only its Response is. Encode the whole Response.");
  }
  const [signature] = children(assertion, "signature", "Signature");
  const info = signature && onlyChild(signature, "signature", "SignedInfo");
  const reference = info && onlyChild(info, "signature", "Reference");
  const transforms = reference && onlyChild(reference, "signature", "Transforms");
  const method = transforms && children(transforms).at(-1);
  if (!method) throw new UsageError("The assertion's signature does not have the form that SAML requires.");
  return canonicalForm(assertion, method, MAX_FORM);
}
