import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import { IDENTIFIERS } from "./identifiers.ts";
import { checkCounts, checkIds } from "./wrapping-defence.ts";
import { attribute, children, descendants, is, onlyChild, textOf } from "./xml/document.ts";
import { trimXml } from "./xml/white-space.ts";

const INVALID = "assertion_structure_invalid";

/** The parts of a message before verification. They must not be trusted. */
export interface Message {
  readonly response?: Element;
  /** Exactly one of `assertion` and `encrypted` is set. */
  readonly assertion?: Element;
  readonly encrypted?: Element;
  /** Absent if the issuer is only inside the encrypted assertion. */
  readonly issuer?: string;
}

/**
 * Finds the only assertion of a message: the message itself, or the child of a Response. A second assertion in any
 * place and namespace is refused.
 *
 * @throws {Refusal} `assertion_structure_invalid`, `assertion_encrypted`, `assertion_issuer_unknown`
 */
export function readMessage(root: Element): Message {
  const all = descendants(root);
  const response = is(root, "protocol", "Response") ? root : undefined;
  const [assertion, encrypted] = ["Assertion", "EncryptedAssertion"].map((name) =>
    response ? onlyChild(response, "assertion", name) : is(root, "assertion", name) ? root : undefined,
  );
  demand(!(assertion && encrypted) && (assertion ?? encrypted), INVALID);
  checkCounts(all, { Response: response, Assertion: assertion, EncryptedAssertion: encrypted });
  // Encrypted NameIDs and attributes are not supported.
  const hidden = all.filter(({ localName }) => /^(Encrypted(ID|Attribute|Data)|NewEncryptedID)$/.test(localName));
  demand(hidden.length === (encrypted ? 1 : 0), "assertion_encrypted");
  for (const element of [response, assertion]) {
    demand(!element || (attribute(element, "Version") === "2.0" && attribute(element, "ID")), INVALID);
  }
  checkIds(all);
  const fromResponse = response && issuerOf(response);
  const issuer = assertion ? issuerOf(assertion) : fromResponse;
  // A Response may omit its Issuer (SAML profiles 4.1.4.2). Otherwise it must be the assertion's Issuer.
  demand([undefined, issuer].includes(fromResponse), "assertion_issuer_unknown");
  demand(issuer !== undefined || (encrypted && !response), "assertion_issuer_unknown");
  return withoutUndefined({ response, assertion, encrypted, issuer });
}

function issuerOf(element: Element): string | undefined {
  const issuer = onlyChild(element, "assertion", "Issuer");
  if (!issuer) return undefined;
  const format = attribute(issuer, "Format") ?? IDENTIFIERS.entity;
  demand(format === IDENTIFIERS.entity || format === IDENTIFIERS.unspecified, "assertion_issuer_unknown");
  return trimXml(textOf(issuer, INVALID));
}

/**
 * Checks the Response. It may be unsigned, so it can only cause a refusal.
 *
 * @throws {Refusal} `assertion_status_not_success`, `assertion_destination_mismatch`
 */
export function checkEnvelope(response: Element, recipients: readonly string[]): void {
  const status = onlyChild(response, "protocol", "Status");
  const codes = status ? children(status, "protocol", "StatusCode") : [];
  const success = codes.length === 1 && codes.every((code) => attribute(code, "Value") === IDENTIFIERS.success);
  demand(success, "assertion_status_not_success");
  const destination = attribute(response, "Destination");
  demand(destination === undefined || recipients.includes(destination), "assertion_destination_mismatch");
}
