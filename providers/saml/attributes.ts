import { demand } from "../../shared/domain/reasons/errors.ts";
import { NAMESPACES } from "../../shared/domain/saml/namespaces.ts";
import { attribute, children, textOf } from "./xml/document.ts";
import { trimXml } from "./xml/white-space.ts";

/** All attributes of one name. */
interface Attribute {
  /** Only mapped attributes must contain text: identity providers send many others, some with nested elements. */
  readonly values: readonly Element[];
  /** Several attributes have the name. */
  readonly isRepeated: boolean;
}

/** The attributes of an assertion by name. A Map, because the identity provider chooses the names. */
export type Attributes = ReadonlyMap<string, Attribute>;

const INVALID = "assertion_attribute_invalid";
/** Names that mean something else to a reader in JavaScript. */
const HOSTILE: readonly string[] = ["__proto__", "constructor", "prototype"];
const MAX_VALUES = 256;
const MAX_LENGTH = 1024;

/**
 * Reads the attributes of a verified assertion (SAML core 2.7.3). Some products send one attribute for each value of a
 * list: attributes of one name are united.
 *
 * @throws {Refusal} `assertion_attribute_invalid`
 */
export function readAttributes(assertion: Element): Attributes {
  const attributes = new Map<string, Attribute>();
  for (const statement of children(assertion, "assertion", "AttributeStatement")) {
    for (const element of children(statement, "assertion", "Attribute")) {
      const name = attribute(element, "Name");
      demand(name && !HOSTILE.includes(name), INVALID);
      const before = attributes.get(name);
      const values = children(element, "assertion", "AttributeValue");
      attributes.set(name, { values: [...(before?.values ?? []), ...values], isRepeated: before !== undefined });
    }
  }
  return attributes;
}

/**
 * The values of a list, such as roles, without white space at their edges. Empty values and nulls are left out.
 *
 * @throws {Refusal} `assertion_attribute_invalid`
 */
export function valuesOf(attributes: Attributes, name: string): readonly string[] {
  return textsOf(attributes.get(name)?.values ?? [])
    .map(trimXml)
    .filter(Boolean);
}

/**
 * The only value of an attribute, as it stands. Undefined if there is none, or only an empty value or a null. Two
 * attributes of the name are refused even then, because different readers would use different ones.
 *
 * @throws {Refusal} `assertion_attribute_invalid`
 */
export function exactValueOf(attributes: Attributes, name: string): string | undefined {
  const { values, isRepeated } = attributes.get(name) ?? { values: [], isRepeated: false };
  const texts = textsOf(values);
  demand(!isRepeated && texts.length <= 1, INVALID);
  return texts[0];
}

function textsOf(values: readonly Element[]): string[] {
  demand(values.length <= MAX_VALUES, INVALID);
  const text = (value: Element) => {
    const found = textOf(value, INVALID);
    demand(found.length <= MAX_LENGTH && (found === "" || !isNull(value)), INVALID);
    return found;
  };
  return values.map(text).filter(Boolean);
}

/** Whether a value says that it is null (XML Schema 2.6.2). It must be empty then. */
function isNull(value: Element): boolean {
  const nil = value.getAttributeNS(NAMESPACES.schemaInstance, "nil");
  return nil === "true" || nil === "1";
}
