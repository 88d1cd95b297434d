import { describe, expect, test } from "vitest";
import { authenticationOf } from "../../../providers/saml/authentication.ts";
import { parseXml } from "../../../providers/saml/xml/document.ts";

const SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
const PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
const MFA = "https://refeds.org/profile/mfa";

const statement = (instant: string, context = "") =>
  `<AuthnStatement AuthnInstant="${instant}">${context}</AuthnStatement>`;
const inClass = (name: string) => `<AuthnContext><AuthnContextClassRef>${name}</AuthnContextClassRef></AuthnContext>`;
const of = (...statements: string[]) =>
  authenticationOf(parseXml(`<Assertion xmlns="${SAML}">${statements.join("")}</Assertion>`));

const TEN = Date.UTC(2026, 2, 2, 10) / 1000;

describe("how the subject of an assertion signed in", () => {
  test("is the instant and the class of its statement", () => {
    expect(of(statement("2026-03-02T10:00:00Z", inClass(` ${MFA} `)))).toEqual({ time: TEN, contextClass: MFA });
  });

  test("is nothing without a statement", () => {
    expect(of()).toBeUndefined();
  });

  test.each([
    ["without a class", [statement("2026-03-02T10:00:00Z")]],
    ["with a declaration in place of the class", [statement("2026-03-02T10:00:00Z", "<AuthnContext/>")]],
    ["with two classes", [statement("2026-03-02T10:00:00Z", inClass(PASSWORD) + inClass(MFA))]],
    [
      "of which two say different things, at the first instant",
      [statement("2026-03-02T11:00:00Z", inClass(MFA)), statement("2026-03-02T10:00:00Z", inClass(PASSWORD))],
    ],
  ])("has no class in statements %s", (_what, statements) => {
    expect(of(...statements)).toEqual({ time: TEN });
  });

  test("has the class of statements that agree", () => {
    const both = [statement("2026-03-02T11:00:00Z", inClass(MFA)), statement("2026-03-02T10:00:00Z", inClass(MFA))];
    expect(of(...both)).toEqual({ time: TEN, contextClass: MFA });
  });
});
