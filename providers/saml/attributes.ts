import { demand } from "../../shared/reasons/errors.ts";
import { attribute, children, textOf } from "./xml/document.ts";

/** Values by attribute name. A Map, since the names are the identity provider's to choose. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

const MAX_VALUES = 256;
const MAX_LENGTH = 1024;

/**
 * Reads the attributes of a verified assertion (SAML core 2.7.3). Two attributes of one name are refused: which one counts would depend on
 * who reads.
 *
 * @throws {Refusal} `assertion_attribute_invalid`
 */
export function readAttributes(assertion: Element): Attributes {
  const attributes = new Map<string, string[]>();
  let count = 0;
  for (const statement of children(assertion, "assertion", "AttributeStatement")) {
    for (const element of children(statement, "assertion", "Attribute")) {
      const name = attribute(element, "Name");
      const hostile = ["__proto__", "constructor", "prototype"].includes(name ?? "");
      demand(name && !hostile && !attributes.has(name), "assertion_attribute_invalid");
      const values = children(element, "assertion", "AttributeValue").map((value) =>
        textOf(value, "assertion_attribute_invalid").trim(),
      );
      count += values.length;
      demand(count <= MAX_VALUES && values.every(({ length }) => length <= MAX_LENGTH), "assertion_attribute_invalid");
      attributes.set(name, values);
    }
  }
  return attributes;
}
