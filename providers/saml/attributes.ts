import { demand } from "../../shared/domain/reasons/errors.ts";
import { attribute, children, textOf } from "./xml/document.ts";

/**
 * The values of attributes by name, as elements. Only mapped attributes must contain text: identity providers send many
 * others, some with nested elements. A Map, because the identity provider chooses the names.
 */
export type Attributes = ReadonlyMap<string, readonly Element[]>;

const MAX_VALUES = 256;
const MAX_LENGTH = 1024;

/**
 * Reads the attributes of a verified assertion (SAML core 2.7.3). Duplicate names are refused, because different
 * readers would use different ones.
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

/**
 * The values of an attribute as text. Empty if the assertion does not have it.
 *
 * @throws {Refusal} `assertion_attribute_invalid`
 */
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
