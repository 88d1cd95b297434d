import { isName } from "../../shared/domain/principal/name.ts";
import type { Authentication } from "../../shared/domain/principal/principal.ts";
import { children, instantOf, textOf } from "./xml/document.ts";
import { trimXml } from "./xml/white-space.ts";

/**
 * How the subject of an assertion signed in: AuthnContextClassRef and AuthnInstant (SAML core 2.7.2). Of several
 * statements the earliest instant counts, and the class only if all of them have the same one.
 *
 * @returns undefined if the assertion has no AuthnStatement
 */
export function authenticationOf(assertion: Element): Authentication | undefined {
  const statements = children(assertion, "assertion", "AuthnStatement");
  if (statements.length === 0) return undefined;
  const times = statements.map((statement) => instantOf(statement, "AuthnInstant") ?? 0);
  const classes = new Set(statements.map(contextClassOf));
  const [contextClass] = classes;
  return {
    time: Math.min(...times),
    ...(classes.size === 1 && isName(contextClass) && { contextClass }),
  };
}

function contextClassOf(statement: Element): string | undefined {
  const contexts = children(statement, "assertion", "AuthnContext");
  const references = contexts.flatMap((context) => children(context, "assertion", "AuthnContextClassRef"));
  const [reference] = references;
  return reference && references.length === 1 ? trimXml(textOf(reference, "assertion_structure_invalid")) : undefined;
}
