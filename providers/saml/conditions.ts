import type { SamlConfig, SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import { hasBegun } from "../../shared/domain/time/clock-tolerance.ts";
import { children, instantOf, is, onlyChild, textOf } from "./xml/document.ts";
import { trimXml } from "./xml/white-space.ts";

/** Validity period and use of an assertion, from its conditions and statements. */
export interface Validity {
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /**
   * The earliest end of the assertion, its session, and the maximum ages of the assertion and its authentication.
   * Infinite if there is none.
   */
  readonly end: number;
  readonly oneTimeUse: boolean;
}

/**
 * Checks the conditions of a verified assertion (SAML core 2.5) and its AuthnStatements (2.7.2). An end has no clock
 * tolerance, because the cached policy ends at the same instant.
 *
 * @param time seconds since the epoch
 * @throws {Refusal}
 */
export function checkConditions(
  assertion: Element,
  time: number,
  config: SamlConfig,
  entry: SamlIdentityProvider,
): Validity {
  const issued = instantOf(assertion, "IssueInstant");
  demand(issued !== undefined, "assertion_malformed");
  demand(hasBegun(issued, time, entry.clockTolerance), "assertion_issued_in_future");

  const conditions = onlyChild(assertion, "assertion", "Conditions");
  demand(conditions, "assertion_audience_mismatch");
  demand(hasBegun(instantOf(conditions, "NotBefore") ?? 0, time, entry.clockTolerance), "assertion_not_yet_valid");
  checkAudience(conditions, config.audience);
  const oneTimeUse = isOneTimeUse(conditions);

  const ends = [
    endOf(conditions, "NotOnOrAfter"),
    endByAge(issued, entry.maxAssertionAge),
    ...sessionEnds(assertion, time, entry),
  ];
  const end = Math.min(...ends);
  demand(end > time, "assertion_expired");
  return { issuedAt: Math.floor(issued), end, oneTimeUse };
}

/**
 * Refuses unknown conditions, which make an assertion indeterminate (SAML core 2.5.1.1). ProxyRestriction is ignored:
 * it limits assertions issued on the basis of this one, and we issue none.
 */
function isOneTimeUse(conditions: Element): boolean {
  for (const condition of children(conditions)) {
    const known = ["AudienceRestriction", "ProxyRestriction", "OneTimeUse"].some((name) =>
      is(condition, "assertion", name),
    );
    demand(known, "assertion_condition_unknown");
  }
  return onlyChild(conditions, "assertion", "OneTimeUse") !== undefined;
}

function sessionEnds(
  assertion: Element,
  time: number,
  { maxAuthenticationAge, clockTolerance }: SamlIdentityProvider,
): number[] {
  const statements = children(assertion, "assertion", "AuthnStatement");
  // An assertion without AuthnStatement is refused when a maximum age is set.
  demand(maxAuthenticationAge === undefined || statements.length > 0, "assertion_expiry_missing");
  return statements.flatMap((statement) => {
    const authenticated = instantOf(statement, "AuthnInstant");
    demand(authenticated !== undefined, "assertion_malformed");
    demand(hasBegun(authenticated, time, clockTolerance), "assertion_issued_in_future");
    return [endOf(statement, "SessionNotOnOrAfter"), endByAge(authenticated, maxAuthenticationAge)];
  });
}

/** The first second at which what happened at an instant is older than the maximum. */
function endByAge(instant: number, maxAge: number | undefined): number {
  return maxAge === undefined ? Number.POSITIVE_INFINITY : Math.floor(instant + maxAge) + 1;
}

function endOf(element: Element, name: string): number {
  return Math.floor(instantOf(element, name) ?? Number.POSITIVE_INFINITY);
}

/** Every AudienceRestriction must name one of our audiences (SAML core 2.5.1.4). */
function checkAudience(conditions: Element, allowed: readonly string[]): void {
  const restrictions = children(conditions, "assertion", "AudienceRestriction");
  const met = restrictions.every((restriction) =>
    children(restriction, "assertion", "Audience").some((audience) =>
      allowed.includes(trimXml(textOf(audience, "assertion_structure_invalid"))),
    ),
  );
  demand(restrictions.length > 0 && met, "assertion_audience_mismatch");
}
