import { assertionXml } from "../../../local/stage/saml/identity-provider.ts";
import { readAttributes } from "../../../providers/saml/attributes.ts";
import { checkConditions } from "../../../providers/saml/conditions.ts";
import { principalOf } from "../../../providers/saml/principal.ts";
import { readSubject } from "../../../providers/saml/subject.ts";
import { parseXml } from "../../../providers/saml/xml/document.ts";
import { scanXml } from "../../../providers/saml/xml/scan.ts";
import { authenticated, type Verdict, verdictOf } from "../../../providers/verdict.ts";
import type { SamlConfig, SamlIdentityProvider } from "../../../shared/domain/config/saml.ts";
import type { UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import { UsageError } from "../../usage-error.ts";
import { messageExpectations } from "../rejections/saml.ts";
import { readRejected } from "../rejections/saml-message.ts";
import { shownTime } from "../shown-time.ts";
import { shownValue } from "../shown-value.ts";
import { LIFETIME, type Rehearsal } from "./rehearsal.ts";

/**
 * The attributes of a SAML assertion, and its NameID, in place of a message: an assertion is written with them, and
 * checked and mapped as the authorizer does after it has verified the signature.
 *
 * @param given attribute → its value or values; `NameID` is the name of the subject
 * @param time seconds since the epoch
 * @throws {UsageError} if a value is no text
 */
export function rehearseAttributes(
  { NameID: nameId, ...given }: UnknownObject,
  entry: SamlIdentityProvider,
  config: SamlConfig,
  time: number,
): Rehearsal {
  const [audience = ""] = config.audience;
  const [recipient = ""] = config.recipients;
  const subject = nameId === undefined ? "" : textsOf("NameID", nameId).join(" ");
  const attributes = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, textsOf(name, value)]));
  const options = { issuer: entry.issuer, subject, audience, recipient, time, lifetime: LIFETIME, attributes };
  const written = assertionXml(options);
  const xml = nameId === undefined ? written.replace(/<saml:NameID.*?<\/saml:NameID>/, "") : written;

  function verify(request: AuthorizationRequest): Verdict {
    scanXml(xml);
    const assertion = parseXml(xml);
    const { issuedAt, end } = checkConditions(assertion, request.time, config, entry);
    const { nameId: name, address, end: confirmed } = readSubject(assertion, request, config, entry);
    const expiresAt = Math.min(end, confirmed);
    const facts = withoutUndefined({ nameId: name, issuedAt, expiresAt, address });
    return authenticated(principalOf(facts, readAttributes(assertion), entry));
  }

  return {
    provider: {
      name: "saml",
      recognises: () => true,
      verify: async (_, request) => {
        try {
          return verify(request);
        } catch (error) {
          return verdictOf(error);
        }
      },
    },
    filledIn: {
      Issuer: shownValue(entry.issuer),
      Audience: shownValue(audience),
      Recipient: shownValue(recipient),
      IssueInstant: shownTime(time),
      NotOnOrAfter: shownTime(time + LIFETIME),
    },
    expectationsOf: async (reason) => {
      const message = await readRejected(Buffer.from(xml).toString("base64"), config);
      return message ? messageExpectations(reason, message, config, { time, source: { viaVpcEndpoint: false } }) : [];
    },
  };
}

function textsOf(name: string, value: unknown): string[] {
  const texts: unknown[] = [value].flat();
  if (texts.every((text) => typeof text === "string")) return texts;
  throw new UsageError(`The value of ${shownValue(name)} is neither a text nor a list of texts, as attributes are.`);
}
