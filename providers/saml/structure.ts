import { demand } from "../../shared/reasons/errors.ts";
import { attribute, children, descendants, is, onlyChild, textOf } from "./document.ts";

/** The parts of a message, as found and not yet believed. */
export interface Message {
  readonly response?: Element;
  readonly assertion: Element;
  readonly issuer: string;
}

/**
 * Finds the one assertion of a message: a bare Assertion, or the child of a Response. A second one anywhere, whatever its namespace, is what
 * signature wrapping needs, and refused.
 *
 * @throws {Refusal} `assertion_structure_invalid`, `assertion_encrypted`, `assertion_issuer_unknown`
 */
export function readMessage(root: Element): Message {
  const all = [...descendants(root)];
  demand(
    !all.some(({ localName }) => /^Encrypted(Assertion|ID|Attribute|Data)$/.test(localName)),
    "assertion_encrypted",
  );
  const response = is(root, "protocol", "Response") ? root : undefined;
  const assertion = response ? onlyChild(response, "assertion", "Assertion") : root;
  demand(assertion && is(assertion, "assertion", "Assertion"), "assertion_structure_invalid");
  demand(all.filter(({ localName }) => localName === "Assertion").length === 1, "assertion_structure_invalid");
  demand(
    all.filter(({ localName }) => localName === "Response").length === (response ? 1 : 0),
    "assertion_structure_invalid",
  );
  for (const element of response ? [response, assertion] : [assertion]) {
    demand(attribute(element, "Version") === "2.0" && attribute(element, "ID"), "assertion_structure_invalid");
  }
  checkIds(all);
  const issuer = issuerOf(assertion);
  // A Response may leave its Issuer out (SAML profiles 4.1.4.2); one that is there must be the assertion's.
  demand(
    issuer !== undefined && [undefined, issuer].includes(response && issuerOf(response)),
    "assertion_issuer_unknown",
  );
  return { ...(response && { response }), assertion, issuer };
}

function issuerOf(element: Element): string | undefined {
  const issuer = onlyChild(element, "assertion", "Issuer");
  if (!issuer) return undefined;
  const format = attribute(issuer, "Format") ?? "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
  demand(format === "urn:oasis:names:tc:SAML:2.0:nameid-format:entity", "assertion_issuer_unknown");
  return textOf(issuer, "assertion_structure_invalid").trim();
}

/** A signature refers to an element by its ID: two elements of one ID are two readings of the signature. */
function checkIds(elements: readonly Element[]): void {
  const ids = elements.flatMap((element) =>
    Array.from(element.attributes).flatMap(({ localName, value }) =>
      localName?.toLowerCase() === "id" ? [value] : [],
    ),
  );
  demand(new Set(ids).size === ids.length, "assertion_structure_invalid");
}

/**
 * Checks the envelope. It may be unsigned, so that it can say no but never yes.
 *
 * @throws {Refusal} `assertion_status_not_success`, `assertion_destination_mismatch`
 */
export function checkEnvelope(response: Element, recipients: readonly string[]): void {
  const status = onlyChild(response, "protocol", "Status");
  const codes = status ? children(status, "protocol", "StatusCode") : [];
  const success =
    codes.length === 1 &&
    codes.every((code) => attribute(code, "Value") === "urn:oasis:names:tc:SAML:2.0:status:Success");
  demand(success, "assertion_status_not_success");
  const destination = attribute(response, "Destination");
  demand(destination === undefined || recipients.includes(destination), "assertion_destination_mismatch");
}
