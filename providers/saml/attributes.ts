import { demand } from "../../shared/domain/reasons/errors.ts";
import { attribute, children, textOf } from "./xml/document.ts";

/**
 * The values of attributes by name, as elements: identity providers send many that nobody asked for, some of which hold more than text, and only
 * what is mapped has to make sense. A Map, since the names are theirs to choose.
 */
export type Attributes = ReadonlyMap<string, readonly Element[]>;

const MAX_VALUES = 256;
const MAX_LENGTH = 1024;

/**
 * Reads the attributes of a verified assertion (SAML core 2.7.3). Two attributes of one name are refused: which one counts would depend on
 * who reads.
 *
 * @throws {Refusal} `assertion_attribute_invalid`
 */
export function readAttributes(assertion: Element): Attributes {
  const attributes = new Map<string, readonly Element[]>();
  for (const statement of children(assertion, "assertion", "AttributeStatement")) {
    for (const element of children(statement, "assertion", "Attribute")) {
      const name = attribute(element, "Name");
      const hostile = ["__proto__", "constructor", "prototype"].includes(name ?? "");
      demand(name && !hostile && !attributes.has(name), "assertion_attribute_invalid");
      attributes.set(name, children(element, "assertion", "AttributeValue"));
    }
  }
  return attributes;
}

/** The values of one attribute as text; none if it is not there. @throws {Refusal} `assertion_attribute_invalid` */
export function valuesOf(attributes: Attributes, name: string): readonly string[] {
  const elements = attributes.get(name) ?? [];
  demand(elements.length <= MAX_VALUES, "assertion_attribute_invalid");
  const values = elements.map((element) => textOf(element, "assertion_attribute_invalid").trim());
  demand(
    values.every(({ length }) => length <= MAX_LENGTH),
    "assertion_attribute_invalid",
  );
  return values;
}
