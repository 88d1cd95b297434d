import { canonicalAddress, canonicalRange } from "../../shared/domain/address/address-range.ts";
import type { SamlConfig, SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { demand, Refusal } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { IDENTIFIERS } from "./identifiers.ts";
import { attribute, children, instantOf, onlyChild, textOf } from "./xml/document.ts";

/** The confirmed subject of an assertion. */
export interface Subject {
  /** As it stands, if the assertion has one. */
  readonly nameId?: string;
  /** End of the confirmation, in seconds since the epoch. */
  readonly end: number;
  /** The last end of all bearer confirmations: from then on none can be valid, for any caller. */
  readonly lastEnd: number;
  /** The caller's address, if the confirmation names it and so holds for no other: as a CIDR of one address. */
  readonly address?: string;
}

/**
 * Reads the subject of a verified assertion. At least one bearer confirmation must pass all checks (SAML core 2.4,
 * SAML profiles 3.3 and 4.1.4.2, RFC 7522 section 3).
 *
 * @throws {Refusal} `assertion_subject_missing`, `assertion_confirmation_missing`, or the reason of the last
 *   confirmation
 */
export function readSubject(
  assertion: Element,
  request: AuthorizationRequest,
  config: SamlConfig,
  entry: SamlIdentityProvider,
): Subject {
  const subject = onlyChild(assertion, "assertion", "Subject", "assertion_subject_missing");
  demand(subject, "assertion_subject_missing");
  const nameId = readNameId(subject, config, entry);

  const confirmations = children(subject, "assertion", "SubjectConfirmation").filter(
    (each) => attribute(each, "Method") === IDENTIFIERS.bearer,
  );
  let refusal = new Refusal("assertion_confirmation_missing");
  for (const confirmation of confirmations) {
    try {
      const confirmed = confirm(confirmation, request, config);
      const lastEnd = Math.max(...confirmations.map(endIn));
      return { ...(nameId !== undefined && { nameId }), ...confirmed, lastEnd };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/**
 * The NameID (SAML core 2.2.3). It is not read where an attribute names the subject: some products, such as AD FS, then
 * send none. `SPNameQualifier` says for which service provider the name is.
 */
function readNameId(
  subject: Element,
  { audience }: SamlConfig,
  { attributes }: SamlIdentityProvider,
): string | undefined {
  const nameId = onlyChild(subject, "assertion", "NameID", "assertion_subject_missing");
  const qualifier = nameId && attribute(nameId, "SPNameQualifier");
  demand(!qualifier || audience.includes(qualifier), "assertion_subject_missing");
  return nameId && attributes.subject === undefined ? textOf(nameId, "assertion_subject_missing") : undefined;
}

function confirm(
  confirmation: Element,
  { time, source }: AuthorizationRequest,
  config: SamlConfig,
): Pick<Subject, "end" | "address"> {
  const data = onlyChild(confirmation, "assertion", "SubjectConfirmationData");
  // A bearer confirmation begins at once (SAML profiles 4.1.4.2): its NotBefore is for another use.
  demand(data && attribute(data, "NotBefore") === undefined, "assertion_confirmation_missing");
  demand(config.recipients.includes(attribute(data, "Recipient") ?? ""), "assertion_recipient_mismatch");
  const end = instantOf(data, "NotOnOrAfter");
  demand(end !== undefined, "assertion_expiry_missing");
  demand(Math.floor(end) > time, "assertion_expired");
  const named = attribute(data, "Address");
  if (named === undefined) return { end: Math.floor(end) };
  // A text that is no address, or a range, is nobody's: canonicalAddress reads neither.
  const address = canonicalAddress(named);
  demand(address !== undefined && address === canonicalAddress(source.address ?? ""), "assertion_address_mismatch");
  return { end: Math.floor(end), address: canonicalRange(address) ?? address };
}

/** The end of a confirmation, or 0 if it has none that can be read: such a one is never valid. */
function endIn(confirmation: Element): number {
  try {
    const [data] = children(confirmation, "assertion", "SubjectConfirmationData");
    return Math.ceil((data && instantOf(data, "NotOnOrAfter")) ?? 0);
  } catch {
    return 0;
  }
}
