import type { SamlConfig } from "../../../shared/domain/config/saml.ts";
import { anyOf, type Expectation, expectation, lengthExpectation } from "./expectation.ts";
import { differenceHint } from "./nearest-identifier.ts";
import {
  addressExpectations,
  audienceExpectations,
  conditionExpectations,
  confirmationExpectations,
  destinationExpectations,
  recipientExpectations,
} from "./saml-addressees.ts";
import { attributeExpectations, subjectExpectations } from "./saml-attributes.ts";
import type { AssertionCase } from "./saml-case.ts";
import { attributesOf, elementsIn, issuersOf, type RejectedMessage, readRejected, textIn } from "./saml-message.ts";
import { algorithmExpectations, certificateExpectations, signatureExpectations } from "./saml-signature.ts";
import { endExpectations, startExpectations } from "./saml-times.ts";

type Explain = (message: AssertionCase) => readonly Expectation[] | Promise<readonly Expectation[]>;

/** What was expected of a message, and what was found, by the reason of its rejection. */
const BY_REASON: Readonly<Record<string, Explain>> = {
  assertion_signature_invalid: signatureExpectations,
  assertion_algorithm_not_allowed: algorithmExpectations,
  assertion_certificate_invalid: certificateExpectations,
  assertion_unsigned: () => [
    { of: "Signature", expected: "one of the Assertion, or of the Response around it", found: "none" },
  ],
  assertion_encrypted: encryptionOf,
  assertion_decryption_failed: encryptionOf,
  assertion_status_not_success: ({ message: { root } }) => [
    expectation("Status", "Success", attributesOf(elementsIn(root, "protocol", "StatusCode"), "Value").map(lastPart)),
    ...elementsIn(root, "protocol", "StatusMessage").map((each) => expectation("StatusMessage", "none", textIn(each))),
  ],
  assertion_destination_mismatch: destinationExpectations,
  assertion_audience_mismatch: audienceExpectations,
  assertion_recipient_mismatch: recipientExpectations,
  assertion_address_mismatch: addressExpectations,
  assertion_confirmation_missing: confirmationExpectations,
  assertion_condition_unknown: conditionExpectations,
  assertion_once_cached: () => [
    { of: "cache", expected: "none (--cached-by none), as it may be used once", found: "a cache" },
  ],
  assertion_expired: endExpectations,
  assertion_expiry_missing: endExpectations,
  assertion_not_yet_valid: startExpectations,
  assertion_issued_in_future: startExpectations,
  assertion_subject_missing: subjectExpectations,
  assertion_attribute_invalid: attributeExpectations,
};

/** What was expected and found of a SAML credential, as far as it can be read. Nothing of it is believed. */
export async function credentialExpectations(
  reason: string,
  value: string,
  config: SamlConfig,
  request: AssertionCase["request"],
): Promise<readonly Expectation[]> {
  if (reason === "credential_too_large") return [lengthExpectation(value, config.maxLength)];
  const message = await readRejected(value, config);
  return message ? messageExpectations(reason, message, config, request) : [];
}

/** The same for a message. */
export async function messageExpectations(
  reason: string,
  message: RejectedMessage,
  config: SamlConfig,
  request: AssertionCase["request"],
): Promise<readonly Expectation[]> {
  if (reason === "assertion_issuer_unknown") return unknownIssuer(message, config);
  const entry = config.identityProviders.find(({ issuer }) => issuer === message.issuer);
  // Whoever sent a message that we cannot open, it is for nobody else.
  const [any] = config.identityProviders;
  const explain = Object.hasOwn(BY_REASON, reason) ? BY_REASON[reason] : undefined;
  const of = entry ?? any;
  const within = message.assertion ?? message.root;
  return of && explain ? explain({ reason, message, within, config, entry: of, request }) : [];
}

function unknownIssuer(
  { response, assertion, root }: RejectedMessage,
  { identityProviders }: SamlConfig,
): Expectation[] {
  const known = identityProviders.map(({ issuer }) => issuer);
  return [...new Set([response, assertion])].flatMap((element) => {
    if (!element) return [];
    const [issuer] = issuersOf(element);
    const isOptional = element === response && assertion !== undefined;
    if ((issuer !== undefined && known.includes(issuer)) || (issuer === undefined && isOptional)) return [];
    const of = element === root ? "Issuer" : `Issuer of the ${element.localName}`;
    return [expectation(of, anyOf(known), issuer, differenceHint(issuer, known))];
  });
}

function encryptionOf({ message: { root }, config, entry }: AssertionCase): Expectation[] {
  const keys = config.decryption?.keys.length ?? 0;
  const found = attributesOf(elementsIn(root, "encryption", "EncryptionMethod"), "Algorithm").map(lastPart);
  return [
    expectation("EncryptionMethod", anyOf(entry.encryptionAlgorithms), found),
    {
      of: "decryption",
      expected: "a private key that opens it",
      found: keys === 1 ? "one key" : `${keys || "no"} keys`,
    },
  ];
}

/** @example lastPart("urn:oasis:names:tc:SAML:2.0:status:Requester") === "Requester" */
const lastPart = (identifier: string): string => identifier.split(/[:#]/).at(-1) ?? identifier;
