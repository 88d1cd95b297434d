import { IDENTIFIERS } from "../../../providers/saml/identifiers.ts";
import { attribute, children } from "../../../providers/saml/xml/document.ts";
import { anyOf, type Expectation, expectation } from "./expectation.ts";
import { differenceHint } from "./nearest-identifier.ts";
import type { AssertionCase } from "./saml-case.ts";
import { attributesOf, elementsIn, textIn } from "./saml-message.ts";

/** For whom a message is, and how it may be used. */

export function destinationExpectations({ message: { response }, config }: AssertionCase): Expectation[] {
  return [oneOfOurs("Destination", response && attribute(response, "Destination"), config.recipients)];
}

export function audienceExpectations({ within, config }: AssertionCase): Expectation[] {
  const found = elementsIn(within, "assertion", "Audience").map(textIn);
  if (found.length > 0) return [oneOfOurs("Audience", found, config.audience)];
  return [{ of: "Audience", expected: anyOf(config.audience), found: "no Audience in an AudienceRestriction" }];
}

export function recipientExpectations({ within, config }: AssertionCase): Expectation[] {
  return [oneOfOurs("Recipient", attributesOf(confirmationData(within), "Recipient"), config.recipients)];
}

export function addressExpectations({ within, request }: AssertionCase): Expectation[] {
  const expected = `the caller's, ${request.source.address ?? "which is not known"}`;
  return [expectation("Address", expected, attributesOf(confirmationData(within), "Address"))];
}

export function confirmationExpectations({ within }: AssertionCase): Expectation[] {
  const methods = attributesOf(elementsIn(within, "assertion", "SubjectConfirmation"), "Method");
  const found = methods.map((method) => (method === IDENTIFIERS.bearer ? "bearer" : method));
  return [
    expectation(
      "SubjectConfirmation",
      "the method bearer, with SubjectConfirmationData and without NotBefore",
      found.length > 0 ? found : undefined,
    ),
  ];
}

export function conditionExpectations({ within, config }: AssertionCase): Expectation[] {
  const once = config.replayTable === undefined ? "; OneTimeUse needs a replayTable" : ", or OneTimeUse";
  const found = elementsIn(within, "assertion", "Conditions").flatMap((each) => children(each));
  return [
    expectation(
      "Conditions",
      `AudienceRestriction or ProxyRestriction${once}`,
      found.map(({ localName }) => localName),
    ),
  ];
}

function oneOfOurs(of: string, found: string | readonly string[] | undefined, ours: readonly string[]): Expectation {
  const [only] = [found].flat();
  return expectation(of, anyOf(ours), found, differenceHint(only, ours));
}

const confirmationData = (within: Element) => elementsIn(within, "assertion", "SubjectConfirmationData");
