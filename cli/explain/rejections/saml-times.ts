import { attribute } from "../../../providers/saml/xml/document.ts";
import { type Expectation, expectation, expectedEnd, expectedStart } from "./expectation.ts";
import type { AssertionCase } from "./saml-case.ts";
import { elementsIn } from "./saml-message.ts";

type Place = readonly [element: string, attribute: string];

const ENDS: readonly Place[] = [
  ["Conditions", "NotOnOrAfter"],
  ["SubjectConfirmationData", "NotOnOrAfter"],
  ["AuthnStatement", "SessionNotOnOrAfter"],
];
const STARTS: readonly Place[] = [
  ["Assertion", "IssueInstant"],
  ["Conditions", "NotBefore"],
  ["AuthnStatement", "AuthnInstant"],
];

/** Every end of an assertion, and how old it may be. */
export function endExpectations({ within, entry, request: { time } }: AssertionCase): Expectation[] {
  const { maxAssertionAge, maxAuthenticationAge } = entry;
  const ends = ENDS.flatMap(([element, name]) =>
    instantsOf(within, element, name).map((end) => expectedEnd(`${element} ${name}`, end, time)),
  );
  const ages = [
    ["Assertion", "IssueInstant", maxAssertionAge, "maxAssertionAge"],
    ["AuthnStatement", "AuthnInstant", maxAuthenticationAge, "maxAuthenticationAge"],
  ] as const;
  const aged = ages.flatMap(([element, name, age, option]): Expectation[] => {
    if (age === undefined) return [];
    const expected = `at most ${age} s (${option}) before the request`;
    const instants = instantsOf(within, element, name);
    if (instants.length === 0) return [expectation(`${element} ${name}`, expected, undefined)];
    return instants.map((instant) => ({ ...expectedEnd(`${element} ${name}`, instant, time), expected }));
  });
  const isConfirmed = instantsOf(within, "SubjectConfirmationData", "NotOnOrAfter").length > 0;
  const missing = expectation("SubjectConfirmationData NotOnOrAfter", "an instant", undefined);
  return [...ends, ...aged, ...(isConfirmed ? [] : [missing])];
}

/** Every start of an assertion. */
export function startExpectations({ within, entry, request: { time } }: AssertionCase): Expectation[] {
  return STARTS.flatMap(([element, name]) =>
    instantsOf(within, element, name).map((start) =>
      expectedStart(`${element} ${name}`, start, time, entry.clockTolerance),
    ),
  );
}

function instantsOf(within: Element, element: string, name: string): number[] {
  return elementsIn(within, "assertion", element).flatMap((each) => {
    const milliseconds = Date.parse(attribute(each, name) ?? "");
    return Number.isNaN(milliseconds) ? [] : [milliseconds / 1000];
  });
}
