import { deflateRawSync } from "node:zlib";
import { IDENTIFIERS } from "../../../providers/saml/identifiers.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { escapeXml } from "../../../shared/infrastructure/xml/escape-xml.ts";
import { encryptAssertion } from "./encryption.ts";
import { type SignatureForm, type SigningIdentity, signXml } from "./signing.ts";

/** The content of an assertion. Times are seconds since the epoch. */
export interface AssertionOptions {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly recipient: string;
  readonly time: number;
  /** Lifetime of the assertion and its subject confirmation, in seconds. */
  readonly lifetime?: number;
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  /** `ASSERTION_ID` if absent. */
  readonly id?: string;
  /** Whether the assertion may be used only once. */
  readonly oneTimeUse?: boolean;
  /** ID of the AuthnRequest that is answered. */
  readonly inResponseTo?: string;
  /** How and when the subject signed in: with a password, at `time`. `null`: the assertion does not say. */
  readonly authentication?: { readonly time?: number; readonly context?: string } | null;
}

/** How a credential is made of an assertion. */
export interface CredentialForm {
  /** A Response around the assertion, or the bare Assertion. */
  readonly message?: "assertion" | "response";
  readonly sign?: readonly ("assertion" | "response")[];
  readonly encoding?: "base64" | "deflate";
  /** Certificate (PEM) of the recipient for whom the assertion is encrypted. */
  readonly encryptFor?: string;
  /** Algorithm of the signatures; rsa-sha256 if absent. */
  readonly algorithm?: SignatureForm["algorithm"];
}

/** Default ID of an assertion. */
export const ASSERTION_ID = "_assertion";
/** ID of every Response. */
export const RESPONSE_ID = "_response";

/** Issues a signed credential, as an identity provider would for a caller of an API. */
export function issueSamlCredential(
  identity: SigningIdentity,
  options: AssertionOptions,
  form: CredentialForm = {},
): string {
  const { message = "assertion", sign = ["assertion"], encoding = "base64", encryptFor, algorithm } = form;
  const signature = algorithm === undefined ? {} : { algorithm };
  // From the inside out: the Response's signature covers the signed or encrypted assertion.
  let xml = assertionXml(options);
  if (sign.includes("assertion")) xml = signXml(xml, options.id ?? ASSERTION_ID, identity, signature);
  if (encryptFor !== undefined) xml = encryptAssertion(xml, encryptFor);
  if (message === "response") xml = responseXml(options, xml);
  if (sign.includes("response") && message === "response") xml = signXml(xml, RESPONSE_ID, identity, signature);
  return encodeXml(xml, encoding);
}

/** An unsigned assertion. */
export function assertionXml({
  issuer,
  subject,
  audience,
  recipient,
  time,
  lifetime = 300,
  attributes = {},
  id = ASSERTION_ID,
  oneTimeUse = false,
  inResponseTo,
  authentication = {},
}: AssertionOptions): string {
  const [now, end] = [instant(time), instant(time + lifetime)];
  const statements = Object.entries(attributes).map(
    ([name, values]) =>
      `<saml:Attribute Name="${escapeXml(name)}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">` +
      `${[values]
        .flat()
        .map((value) => `<saml:AttributeValue>${escapeXml(value)}</saml:AttributeValue>`)
        .join("")}</saml:Attribute>`,
  );
  return (
    `<saml:Assertion xmlns:saml="${NAMESPACES.assertion}" ID="${id}" Version="2.0" IssueInstant="${now}">` +
    `<saml:Issuer>${escapeXml(issuer)}</saml:Issuer>` +
    `<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${escapeXml(subject)}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="${IDENTIFIERS.bearer}">` +
    `<saml:SubjectConfirmationData${answering(inResponseTo)} NotOnOrAfter="${end}" Recipient="${escapeXml(recipient)}"/></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${now}" NotOnOrAfter="${end}">` +
    `<saml:AudienceRestriction><saml:Audience>${escapeXml(audience)}</saml:Audience></saml:AudienceRestriction>${oneTimeUse ? "<saml:OneTimeUse/>" : ""}</saml:Conditions>` +
    authnStatement({ time, ...authentication }, authentication !== null) +
    `${statements.length > 0 ? `<saml:AttributeStatement>${statements.join("")}</saml:AttributeStatement>` : ""}</saml:Assertion>`
  );
}

function authnStatement({ time, context }: { time: number; context?: string }, isStated: boolean): string {
  if (!isStated) return "";
  const reference = context ?? "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
  return (
    `<saml:AuthnStatement AuthnInstant="${instant(time)}"><saml:AuthnContext>` +
    `<saml:AuthnContextClassRef>${escapeXml(reference)}</saml:AuthnContextClassRef>` +
    `</saml:AuthnContext></saml:AuthnStatement>`
  );
}

/** An unsigned Response, with the identifier `RESPONSE_ID`, around an assertion. */
export function responseXml({ issuer, recipient, time, inResponseTo }: AssertionOptions, assertion: string): string {
  return (
    `<samlp:Response xmlns:samlp="${NAMESPACES.protocol}" ID="${RESPONSE_ID}" Version="2.0" ` +
    `IssueInstant="${instant(time)}" Destination="${escapeXml(recipient)}"${answering(inResponseTo)}>` +
    `<saml:Issuer xmlns:saml="${NAMESPACES.assertion}">${escapeXml(issuer)}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="${IDENTIFIERS.success}"/></samlp:Status>` +
    `${assertion}</samlp:Response>`
  );
}

/** A message as it goes into `Authorization: SAML …`. */
export function encodeXml(xml: string, encoding: "base64" | "deflate" = "base64"): string {
  return encoding === "deflate" ? deflateRawSync(xml).toString("base64url") : Buffer.from(xml).toString("base64");
}

const answering = (request: string | undefined) =>
  request === undefined ? "" : ` InResponseTo="${escapeXml(request)}"`;

const instant = (time: number) => new Date(time * 1000).toISOString();
