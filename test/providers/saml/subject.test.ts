import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { readSubject } from "../../../providers/saml/subject.ts";
import { parseXml } from "../../../providers/saml/xml/document.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { AUDIENCE, ISSUER, identity, judge, OPTIONS, providerOf, RECIPIENT } from "./fixture.ts";

const PLAIN = assertionXml(OPTIONS);
const iso = (time: number) => new Date(time * 1000).toISOString();
const judged = (from: string | RegExp, to: string) => {
  const xml = PLAIN.replace(from, to);
  if (xml === PLAIN) throw new Error(`${from} is not in the assertion`);
  return judge(encodeXml(signXml(xml, ASSERTION_ID, identity), "deflate"));
};

const BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const DATA = `Recipient="${RECIPIENT}" NotOnOrAfter="${iso(NOW + 60)}"`;
const confirmation = /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/;

describe("a confirmation is one by its name and its namespace:", () => {
  test.each([
    [
      "another element with the method of a bearer confirms nothing",
      `<saml:Confirmation Method="${BEARER}"><saml:SubjectConfirmationData ${DATA}/></saml:Confirmation>`,
    ],
    [
      "an element of another namespace confirms nothing",
      `<SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData ${DATA}/></SubjectConfirmation>`,
    ],
    [
      "data of another name are none",
      `<saml:SubjectConfirmation Method="${BEARER}"><saml:Data ${DATA}/></saml:SubjectConfirmation>`,
    ],
    [
      "data of another namespace are none",
      `<saml:SubjectConfirmation Method="${BEARER}"><SubjectConfirmationData ${DATA}/></saml:SubjectConfirmation>`,
    ],
  ])("%s", async (_what, markup) => {
    expect(await judged(confirmation, markup)).toBe("assertion_confirmation_missing");
  });

  test("data beside elements of other names confirm", async () => {
    const outcome = await judged("<saml:SubjectConfirmationData ", "<saml:NameID>x</saml:NameID><x/>$&");
    expect(outcome).toHaveProperty("subject", OPTIONS.subject);
  });

  test("two data of one confirmation are refused", async () => {
    expect(await judged(/<saml:SubjectConfirmationData [^>]*>/, "$&$&")).toBe("assertion_structure_invalid");
  });
});

test("refuses two subjects", async () => {
  expect(await judged(/<saml:Subject>.*<\/saml:Subject>/, "$&$&")).toBe("assertion_subject_missing");
});

test("refuses an assertion whose address is empty, also for a caller whose address is unknown", async () => {
  const xml = PLAIN.replace("<saml:SubjectConfirmationData ", '$&Address="" ');
  const credential = encodeXml(signXml(xml, ASSERTION_ID, identity), "deflate");
  const unknown = { source: { viaVpcEndpoint: false } };
  expect(await judge(credential, providerOf(), unknown)).toBe("assertion_address_mismatch");
});

describe("an audience", () => {
  const restriction = /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/;
  const restricted = (markup: string) =>
    judged(restriction, `<saml:AudienceRestriction>${markup}</saml:AudienceRestriction>`);

  test("is one by its name and its namespace", async () => {
    const mismatch = "assertion_audience_mismatch";
    expect(await restricted(`<saml:Other>${AUDIENCE}</saml:Other>`)).toBe(mismatch);
    expect(await restricted(`<Audience>${AUDIENCE}</Audience>`)).toBe(mismatch);
    expect(await restricted("")).toBe(mismatch);
  });

  test("with markup in it is refused", async () => {
    expect(await restricted(`<saml:Audience>${AUDIENCE}<b/></saml:Audience>`)).toBe("assertion_structure_invalid");
  });
});

test("refuses a statement of authentication without its instant", async () => {
  expect(await judged(/ AuthnInstant="[^"]*"/, "")).toBe("assertion_malformed");
});

/** The subject of an assertion that was verified. */
function read(assertion: Element, request: AuthorizationRequest) {
  const { saml: config } = configOf({
    saml: {
      ...{ audience: AUDIENCE, recipients: RECIPIENT },
      identityProviders: [{ issuer: ISSUER, certificates: [identity.certificate] }],
    },
  });
  const [entry] = config?.identityProviders ?? [];
  if (!config || !entry) throw new Error("no section");
  return readSubject(assertion, request, config, entry);
}

test("an error of our own is not taken for a refused confirmation, after which another may hold", () => {
  let reads = 0;
  const request = {
    ...requestFor("GET", "/a"),
    get source() {
      if (reads++ === 0) throw new TypeError("broken");
      return requestFor("GET", "/a").source;
    },
  };
  const assertion = parseXml(PLAIN.replace(confirmation, "$&$&"));
  expect(() => read(assertion, request)).toThrow("broken");
});

describe("the last end of an assertion's bearer confirmations", () => {
  const bearer = (data: string) => `<saml:SubjectConfirmation Method="${BEARER}">${data}</saml:SubjectConfirmation>`;
  const data = (end: string, recipient = RECIPIENT) =>
    `<saml:SubjectConfirmationData Recipient="${recipient}" NotOnOrAfter="${end}"/>`;
  const lastEnd = (...confirmations: readonly string[]) =>
    read(parseXml(PLAIN.replace(confirmation, confirmations.join(""))), requestFor("GET", "/a")).lastEnd;
  const good = bearer(data(iso(NOW + 60)));

  test("is that of one that does not hold now as well, and is rounded up", () => {
    expect(lastEnd(good)).toBe(NOW + 60);
    expect(lastEnd(bearer(data(iso(NOW + 60.5))))).toBe(NOW + 61);
    const elsewhere = bearer(data(iso(NOW + 90), "https://other.example.com"));
    expect(lastEnd(good, elsewhere)).toBe(NOW + 90);
    expect(lastEnd(elsewhere, good)).toBe(NOW + 90);
  });

  test("is not that of one without an end that can be read, or of another method", () => {
    const later = bearer(data(iso(NOW + 90)));
    expect(lastEnd(good, bearer(data("soon")), bearer(""), bearer("<saml:SubjectConfirmationData/>"))).toBe(NOW + 60);
    expect(lastEnd(good, later.replace("cm:bearer", "cm:sender-vouches"))).toBe(NOW + 60);
    expect(lastEnd(good, later.replaceAll("SubjectConfirmationData", "Data"))).toBe(NOW + 60);
    expect(lastEnd(good, later.replaceAll("saml:SubjectConfirmationData", "SubjectConfirmationData"))).toBe(NOW + 60);
  });
});
