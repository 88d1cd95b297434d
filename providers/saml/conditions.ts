import type { SamlConfig, SamlIdentityProvider } from "../../shared/config/saml.ts";
import { demand } from "../../shared/reasons/errors.ts";
import { children, instantOf, is, onlyChild, textOf } from "./document.ts";

/**
 * Checks the conditions of a verified assertion (SAML core 2.5) and the statements about the session (2.7.2). An end has no tolerance,
 * because the policy that is cached ends at the same instant.
 *
 * @param time seconds since the epoch
 * @returns when the assertion or its session ends, whichever is first, in seconds since the epoch; infinite if neither says
 * @throws {Refusal}
 */
export function checkConditions(
  assertion: Element,
  time: number,
  config: SamlConfig,
  entry: SamlIdentityProvider,
): number {
  const latestStart = time + entry.clockTolerance;
  const issued = instantOf(assertion, "IssueInstant");
  demand(issued !== undefined, "assertion_malformed");
  demand(issued <= latestStart, "assertion_issued_in_future");

  const conditions = onlyChild(assertion, "assertion", "Conditions");
  demand(conditions, "assertion_audience_mismatch");
  demand((instantOf(conditions, "NotBefore") ?? 0) <= latestStart, "assertion_not_yet_valid");
  const ends = [endOf(conditions, "NotOnOrAfter")];
  for (const condition of children(conditions)) {
    // A proxy restriction limits whom the subject's own assertions may reach; we make none. OneTimeUse would need a record of what was used.
    const known = is(condition, "assertion", "AudienceRestriction") || is(condition, "assertion", "ProxyRestriction");
    demand(known, "assertion_condition_unknown");
  }
  checkAudience(conditions, config.audience);

  for (const statement of children(assertion, "assertion", "AuthnStatement")) {
    const authenticated = instantOf(statement, "AuthnInstant");
    demand(authenticated !== undefined, "assertion_malformed");
    demand(authenticated <= latestStart, "assertion_issued_in_future");
    const age = time - authenticated;
    demand(entry.maxAuthenticationAge === undefined || age <= entry.maxAuthenticationAge, "assertion_expired");
    ends.push(endOf(statement, "SessionNotOnOrAfter"));
  }
  const end = Math.min(...ends);
  demand(end > time, "assertion_expired");
  return end;
}

function endOf(element: Element, name: string): number {
  return Math.floor(instantOf(element, name) ?? Number.POSITIVE_INFINITY);
}

/** Several restrictions must all be met, each by any of its audiences (SAML core 2.5.1.4). */
function checkAudience(conditions: Element, allowed: readonly string[]): void {
  const restrictions = children(conditions, "assertion", "AudienceRestriction");
  const met = restrictions.every((restriction) =>
    children(restriction, "assertion", "Audience").some((audience) =>
      allowed.includes(textOf(audience, "assertion_structure_invalid").trim()),
    ),
  );
  demand(restrictions.length > 0 && met, "assertion_audience_mismatch");
}
