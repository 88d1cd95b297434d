import type { KeyObject } from "node:crypto";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { canonicalForm } from "../../providers/saml/xml/canonical.ts";
import { decodeText } from "../../providers/saml/xml/decode.ts";
import { parseXml } from "../../providers/saml/xml/document.ts";
import { scanXml, XML_LIMITS } from "../../providers/saml/xml/scan.ts";
import { verifySigned } from "../../providers/saml/xml/signature.ts";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import { NAMESPACES } from "../../shared/domain/saml/namespaces.ts";
import { Random } from "../../test/model/random.ts";
import { changeText } from "./change-text.ts";
import { generateDocument } from "./documents.ts";
import type { Libxml2 } from "./libxml2-judge.ts";
import { signByLibxml2 } from "./sign-by-libxml2.ts";
import { Tally } from "./tally.ts";

const ID = "_signed";
const LIMITS = { ...XML_LIMITS, names: 300 };
const MAX_FORM = 2 ** 24;

/**
 * Reasons for which Sallyport refuses what libxml2 takes: forms that a SAML message must not have, whatever their
 * signature says. For any other reason, the two must agree.
 */
const STRICTER: readonly string[] = [
  "assertion_xml_forbidden",
  "assertion_structure_invalid",
  "assertion_too_complex",
  "assertion_algorithm_not_allowed",
];

/**
 * libxml2 refuses namespaces that are not absolute URIs, which XML allows, even where nothing uses them. It is no judge
 * of such a document.
 */
const NO_JUDGE = /is not a valid URI|C14N failed/;

/** The parser refuses documents in which one end tag has white space and another of its name has none. */
const SPACED_END_TAG = /<\/[^>]*[\t\n\r ]>/;

/** The parser refuses names with characters beyond U+FFFF, which XML allows. */
const ASTRAL_NAME = /<[^>]*[\u{10000}-\u{effff}][^>"'=]*=/u;

/** Compares the verification of signatures over random documents, as signed and changed, with that by libxml2. */
export async function compareSignatures(libxml2: Libxml2, seed: number, count: number, tally = new Tally()) {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const privateKey = createPrivateKey(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
  const { n = "", e = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const key = { n: Buffer.from(n, "base64url").toString("hex"), e: Buffer.from(e, "base64url").readUIntBE(0, 3) };

  for (let index = 0; index < count; index++) {
    const random = Random.of(seed ^ 0x51, index);
    const { text, prefixes } = generateDocument(random, { rootId: ID });
    const listed = random.chance(0.5) ? random.some(["x", ...prefixes], 4) : [];
    const genuine = await signByLibxml2(libxml2, random, privateKey, { text, id: ID, prefixes: listed });
    if (genuine === undefined) {
      tally.count("not well-formed, and so not signed");
      continue;
    }
    const isChanged = random.chance(0.7);
    const document = isChanged ? changeText(random, genuine) : genuine;
    const theirs = await libxml2.ask(Buffer.from(document), { do: "verify", id: ID, ...key });
    const ours = verified(document, pair.publicKey, listed);
    const what = isChanged ? "changed" : "as signed";
    const difference = { index, document, libxml2: theirs, sallyport: ours };

    if ("octets" in ours && "octets" in theirs) {
      if (theirs.octets.equals(ours.octets)) tally.count(`${what}: accepted by both, with the same octets`);
      else tally.differ(difference);
    } else if ("refused" in ours && "refused" in theirs && isChanged) tally.count(`${what}: refused by both`);
    else if ("refused" in ours && isChanged && STRICTER.includes(ours.refused)) {
      tally.count(`${what}: refused by Sallyport alone, ${ours.refused}`);
    } else if ("refused" in ours && SPACED_END_TAG.test(document)) {
      tally.count(`${what}: refused by Sallyport alone, white space in an end tag`);
    } else if ("refused" in ours && ASTRAL_NAME.test(document)) {
      tally.count(`${what}: refused by Sallyport alone, a name beyond U+FFFF`);
    } else if ("refused" in theirs && NO_JUDGE.test(theirs.refused)) tally.count(`${what}: not judged by libxml2`);
    else tally.differ(difference);
  }
  return tally;
}

/** The octets of the element that is read, which was parsed from those that were verified. */
function verified(document: string, key: KeyObject, prefixes: readonly string[]) {
  try {
    const text = decodeText(Buffer.from(document), 2 ** 20);
    scanXml(text, LIMITS);
    const root = parseXml(text);
    const { element } = verifySigned(root, [key], ["rsa-sha256", "rsa-sha384", "rsa-sha512"], 2 ** 20);
    const method = parseXml(
      `<m><InclusiveNamespaces xmlns="${NAMESPACES.canonicalization}" PrefixList="${prefixes.join(" ")}"/></m>`,
    );
    return { octets: Buffer.from(canonicalForm(element, method, MAX_FORM)) };
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.reason };
    throw error;
  }
}
