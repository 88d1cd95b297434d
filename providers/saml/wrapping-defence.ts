import { demand } from "../../shared/domain/reasons/errors.ts";
import { descendants, is } from "./xml/document.ts";

/**
 * The defence against signature wrapping: messages in which the verifier and the reader find different assertions
 * (Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be"). These checks refuse every message with two
 * possible readings. They are a second defence: the assertion is parsed from signed bytes anyway, see
 * xml/signature.ts.
 */

const INVALID = "assertion_structure_invalid";

/**
 * Refuses a message with a second element of one of these names, in any namespace.
 *
 * @param found the expected elements by their local names; undefined if no element may have the name
 * @throws {Refusal} `assertion_structure_invalid`
 */
export function checkCounts(all: readonly Element[], found: Readonly<Record<string, Element | undefined>>): void {
  for (const [name, element] of Object.entries(found)) {
    demand(all.filter(({ localName }) => localName === name).length === (element ? 1 : 0), INVALID);
  }
}

/**
 * Refuses two elements with the same ID. A signature refers to an element by its ID, which would be ambiguous.
 *
 * @throws {Refusal} `assertion_structure_invalid`
 */
export function checkIds(elements: readonly Element[]): void {
  const ids = elements.flatMap((element) =>
    Array.from(element.attributes).flatMap(({ localName, value }) =>
      localName?.toLowerCase() === "id" ? [value] : [],
    ),
  );
  demand(new Set(ids).size === ids.length, INVALID);
}

/**
 * Refuses a signature that is not a child of an element that may be signed.
 *
 * @param signable the Response and the Assertion, if the message has them
 * @throws {Refusal} `assertion_structure_invalid`
 */
export function checkSignaturePlaces(root: Element, signable: readonly (Element | undefined)[]): void {
  const signatures = descendants(root).filter(({ localName }) => localName === "Signature");
  const inPlace = signatures.every(
    (element) => is(element, "signature", "Signature") && signable.some((each) => element.parentNode === each),
  );
  demand(inPlace, INVALID);
}
