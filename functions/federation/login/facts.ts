import { readAttributes, valuesOf } from "../../../providers/saml/attributes.ts";
import type { VerifiedAssertion } from "../../../providers/saml/verify.ts";
import { children, textOf } from "../../../providers/saml/xml/document.ts";

/** What an assertion says that a login rests on. */
export interface Facts {
  readonly issuer: string;
  /** Absent if the subject is an attribute, or there is none. */
  readonly nameId?: string;
  /** Values of each attribute that the configuration maps, without white space of XML at their edges. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** Reads the facts of a verified assertion. */
export function factsOf(assertion: Element, { entry, principal }: VerifiedAssertion): Facts {
  const { subject, tenant, scopes, roles, attributes } = entry.attributes;
  const mapped = [subject, tenant, ...scopes, ...roles, ...Object.values(attributes)].filter(
    (name) => name !== undefined,
  );
  const found = readAttributes(assertion);
  const nameId = subject === undefined ? nameIdOf(assertion) : undefined;
  return {
    issuer: principal.issuer,
    ...(nameId !== undefined && { nameId }),
    attributes: new Map(mapped.filter((name) => found.has(name)).map((name) => [name, valuesOf(found, name)])),
  };
}

function nameIdOf(assertion: Element): string | undefined {
  const [subject] = children(assertion, "assertion", "Subject");
  const [nameId] = subject ? children(subject, "assertion", "NameID") : [];
  return nameId && textOf(nameId, "assertion_subject_missing");
}
