import { demand } from "../../shared/domain/reasons/errors.ts";
import { descendants, is } from "./xml/document.ts";

/**
 * The defence against signature wrapping: a message in which the verifier finds one assertion and the reader another (Somorovsky et al., "On
 * Breaking SAML: Be Whoever You Want to Be"). These checks refuse every message that has room for a second reading. They only refuse: what is
 * read afterwards was parsed from the bytes that a signature covers, see xml/signature.ts.
 */

const INVALID = "assertion_structure_invalid";

/**
 * Refuses a message with another element of one of these names, in whatever namespace, than the one that was found in its place.
 *
 * @param found the elements by their local names; undefined for a name that may not occur
 * @throws {Refusal} `assertion_structure_invalid`
 */
export function checkCounts(all: readonly Element[], found: Readonly<Record<string, Element | undefined>>): void {
  for (const [name, element] of Object.entries(found)) {
    demand(all.filter(({ localName }) => localName === name).length === (element ? 1 : 0), INVALID);
  }
}

/**
 * Refuses two elements of one ID: a signature refers to an element by its ID, and would have two readings.
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
 * Refuses a signature that is not a child of one of the elements that may be signed: elsewhere it belongs to another message.
 *
 * @param signable the Response and the Assertion, as far as there are any
 * @throws {Refusal} `assertion_structure_invalid`
 */
export function checkSignaturePlaces(root: Element, signable: readonly (Element | undefined)[]): void {
  const signatures = descendants(root).filter(({ localName }) => localName === "Signature");
  const inPlace = signatures.every(
    (element) =>
      is(element, "signature", "Signature") &&
      signable.some((each) => each !== undefined && element.parentNode === each),
  );
  demand(inPlace, INVALID);
}
