// Only this file of the package is loaded. Its index would load all of them and delay the first assertion.
import { ExclusiveCanonicalization } from "xml-crypto/lib/exclusive-canonicalization.js";
import { demand } from "../../../shared/domain/reasons/errors.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { attribute, children } from "./document.ts";

/** Maximum number of prefixes in InclusiveNamespaces. No product sends as many. */
const MAX_PREFIXES = 16;

const canonicalization = new ExclusiveCanonicalization();

/**
 * The exclusive canonical form of an element, without comments. An error in it cannot cause a wrong acceptance,
 * because the verified text is also the text that is parsed afterwards.
 *
 * @param method the CanonicalizationMethod or Transform, with optional InclusiveNamespaces
 * @throws {Refusal} `assertion_too_complex`
 * @see https://www.w3.org/TR/xml-exc-c14n/
 */
export function canonicalForm(element: Element, method: Element): string {
  const prefixes = children(method, "canonicalization", "InclusiveNamespaces").flatMap((list) =>
    (attribute(list, "PrefixList") ?? "").split(/[\t\n\r ]+/).filter(Boolean),
  );
  // Every prefix is compared with every attribute.
  demand(prefixes.length <= MAX_PREFIXES, "assertion_too_complex");
  return canonicalization.process(element as never, {
    inclusiveNamespacesPrefixList: prefixes,
    ancestorNamespaces: prefixes.length > 0 ? inheritedNamespaces(element) : [],
  });
}

/** Namespaces that the element inherits from its ancestors and does not declare itself. */
function inheritedNamespaces(element: Element): { prefix: string; namespaceURI: string }[] {
  const found = new Map<string, string>();
  const own = new Set(declarations(element).map(([prefix]) => prefix));
  for (let at = element.parentNode; at?.nodeType === 1; at = at.parentNode) {
    for (const [prefix, uri] of declarations(at as Element)) {
      if (!own.has(prefix) && !found.has(prefix)) found.set(prefix, uri);
    }
  }
  return [...found].map(([prefix, namespaceURI]) => ({ prefix, namespaceURI }));
}

function declarations(element: Element): [string, string][] {
  return Array.from(element.attributes).flatMap(({ name, value }) =>
    name.startsWith("xmlns:") ? [[name.slice("xmlns:".length), value] satisfies [string, string]] : [],
  );
}

/** Whether a method is exclusive canonicalization without comments. */
export const isExclusive = (method: Element): boolean => attribute(method, "Algorithm") === NAMESPACES.canonicalization;
