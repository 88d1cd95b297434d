import type { KeyObject } from "node:crypto";
import { getVerifiedXml, parseDomFromString } from "@node-saml/node-saml/lib/xml.js";
import { XMLSerializer } from "@xmldom/xmldom";
import { checkIds } from "../../providers/saml/wrapping-defence.ts";
import { decodeText } from "../../providers/saml/xml/decode.ts";
import { descendants, parseXml } from "../../providers/saml/xml/document.ts";
import { scanXml } from "../../providers/saml/xml/scan.ts";
import { verifySigned } from "../../providers/saml/xml/signature.ts";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import { SIGNATURE_ALGORITHM_NAMES } from "../../shared/domain/saml/algorithms.ts";

/** The data that a signature covers, as text, or why there are none. */
export type Signed = { readonly text: string } | { readonly refused: string };

/** node-saml's reading of the element with this ID. */
export async function signedByNodeSaml(xml: string, id: string, certificate: string): Promise<Signed> {
  try {
    const document = await parseDomFromString(xml);
    const element = Array.from(document.getElementsByTagName("*")).find((each) => each.getAttribute("ID") === id);
    const text = element && getVerifiedXml(xml, element, [certificate]);
    return text ? { text: written(parseXml(text)) } : { refused: "no signature verifies" };
  } catch (error) {
    return { refused: String(error) };
  }
}

/** Sallyport's reading of the same. */
export function signedBySallyport(xml: string, id: string, key: KeyObject): Signed {
  try {
    const text = decodeText(Buffer.from(xml), 2 ** 20);
    scanXml(text);
    const all = descendants(parseXml(text));
    checkIds(all);
    const element = all.find((each) => each.getAttribute("ID") === id);
    if (!element) return { refused: "no element has the ID" };
    return { text: written(verifySigned(element, [key], SIGNATURE_ALGORITHM_NAMES, 2 ** 20).element) };
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.reason };
    throw error;
  }
}

const written = (element: Element) => new XMLSerializer().serializeToString(element);
