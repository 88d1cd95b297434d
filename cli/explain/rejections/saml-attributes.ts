import { readAttributes } from "../../../providers/saml/attributes.ts";
import { principalOf } from "../../../providers/saml/principal.ts";
import type { SamlIdentityProvider } from "../../../shared/domain/config/saml.ts";
import { Refusal } from "../../../shared/domain/reasons/errors.ts";
import { shownNames } from "../shown-value.ts";
import { anyOf, type Expectation, expectation } from "./expectation.ts";
import type { AssertionCase } from "./saml-case.ts";
import { attributesOf, elementsIn } from "./saml-message.ts";

type Mapping = SamlIdentityProvider["attributes"];

/** One mapped attribute. */
interface Mapped {
  readonly of: string;
  readonly name: string | undefined;
  /** The mapping of it alone. */
  readonly alone: Partial<Mapping>;
  readonly expected: string;
}

const VALUE = "one text of at most 1024 characters";

const NAME = "a text of 1 to 256 characters without white space at its edges";

/** What should name the subject, and what the assertion has instead. */
export function subjectExpectations({ within, entry, config }: AssertionCase): Expectation[] {
  const { subject } = entry.attributes;
  const hint = `the assertion has the attributes ${shownNames(namesIn(within))}`;
  const nameIds = elementsIn(within, "assertion", "NameID");
  const qualifiers = attributesOf(nameIds, "SPNameQualifier").filter((each) => !config.audience.includes(each));
  return [
    subject === undefined
      ? expectation("NameID", NAME, nameIds[0]?.textContent, hint)
      : expectation(`${subject} (subject)`, NAME, valuesIn(within, subject)[0], hint),
    ...(qualifiers.some(Boolean) ? [expectation("SPNameQualifier", anyOf(config.audience), qualifiers)] : []),
  ];
}

/** Each mapped attribute is read alone, as the authorizer reads all of them. */
export function attributeExpectations({ within, entry }: AssertionCase): Expectation[] {
  const { tenant, scopes, roles, attributes } = entry.attributes;
  const mapped: Mapped[] = [
    { of: "tenant", name: tenant, alone: { tenant }, expected: "one text of 1 to 256 characters" },
    ...scopes.map((name) => ({ of: "scopes", name, alone: { scopes: [name] }, expected: "scopes, at most 256" })),
    ...roles.map((name) => ({ of: "roles", name, alone: { roles: [name] }, expected: "texts, at most 256" })),
    ...Object.entries(attributes).map(([of, name]) => ({
      of,
      name,
      alone: { attributes: { [of]: name } },
      expected: VALUE,
    })),
  ];
  return mapped.flatMap(({ of, name, alone, expected }) => {
    const mapping: Mapping = { scopes: [], roles: [], attributes: {}, ...alone };
    if (name === undefined || isReadable(within, { ...entry, attributes: mapping })) return [];
    return [expectation(`${name} (${of})`, expected, valuesIn(within, name))];
  });
}

function isReadable(within: Element, entry: SamlIdentityProvider): boolean {
  try {
    principalOf({ nameId: "anybody", issuedAt: 0, expiresAt: 0 }, readAttributes(within), entry);
    return true;
  } catch (error) {
    return !(error instanceof Refusal);
  }
}

const attributesIn = (within: Element) => elementsIn(within, "assertion", "Attribute");
const namesIn = (within: Element) => [...new Set(attributesOf(attributesIn(within), "Name"))];

const valuesIn = (within: Element, name: string): string[] =>
  attributesIn(within)
    .filter((each) => each.getAttribute("Name") === name)
    .flatMap((each) => elementsIn(each, "assertion", "AttributeValue"))
    .map((each) => each.textContent ?? "");
