import { SAML } from "@node-saml/node-saml";
import { attribute, descendants, is, parseXml } from "../../../providers/saml/xml/document.ts";
import { isObject } from "../../../shared/domain/object/unknown-object.ts";
import type { Connection } from "./connections.ts";
import type { Facts } from "./facts.ts";
import type { Judged } from "./judge.ts";

/**
 * What node-saml makes of an assertion that the strict verifier has accepted. `agrees`; `refuses`, where it is stricter or
 * cannot read it; `contradicts`, where it reads another issuer, name or attribute; `not_asked`, for messages that it does
 * not understand: signed with another key than RSA, or encrypted.
 */
export type Opinion = "agrees" | "refuses" | "contradicts" | "not_asked";

/** @param keys public keys of the identity provider, PEM */
export async function secondOpinion(
  { entityId, consumerUrl, entry }: Connection,
  { xml, facts }: Judged,
  keys: readonly string[],
): Promise<Opinion> {
  if (!isUnderstood(xml)) return "not_asked";
  const saml = new SAML({
    issuer: entityId,
    audience: entityId,
    callbackUrl: consumerUrl,
    idpCert: [...keys],
    // The strict verifier has decided which signatures there have to be.
    wantAssertionsSigned: false,
    wantAuthnResponseSigned: false,
    acceptedClockSkewMs: entry.clockTolerance * 1000,
  });
  try {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: Buffer.from(xml).toString("base64") });
    return profile && isSame(facts, profile) ? "agrees" : "contradicts";
  } catch {
    return "refuses";
  }
}

/** Reads the parsed message: an expression that searches its text can be made to go back over it again and again. */
const isUnderstood = (xml: string) =>
  descendants(parseXml(xml)).every(
    (each) =>
      !is(each, "assertion", "EncryptedAssertion") &&
      (!is(each, "signature", "SignatureMethod") || /#rsa-sha(?:1|256|512)$/.test(attribute(each, "Algorithm") ?? "")),
  );

function isSame(facts: Facts, profile: Readonly<Record<string, unknown>>): boolean {
  if (textOf(profile.issuer) !== facts.issuer) return false;
  if (facts.nameId !== undefined && textOf(profile.nameID) !== facts.nameId) return false;
  const attributes = isObject(profile.attributes) ? profile.attributes : {};
  return [...facts.attributes].every(([name, values]) => {
    const read = valuesOf(Object.hasOwn(attributes, name) ? attributes[name] : undefined);
    // Of several attributes with one name, node-saml reads the last. It must read nothing that we do not.
    return read.every((value) => values.includes(value)) && (read.length > 0 || values.length === 0);
  });
}

const textOf = (value: unknown) => (typeof value === "string" ? value.trim() : undefined);

const valuesOf = (value: unknown): string[] =>
  [value].flat().flatMap((each) => (typeof each === "string" && each.trim() !== "" ? [each.trim()] : []));
