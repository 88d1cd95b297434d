import { SAML } from "@node-saml/node-saml";
import { trimXml } from "../../../providers/saml/xml/white-space.ts";
import { isObject } from "../../../shared/domain/object/unknown-object.ts";
import type { SignatureAlgorithm } from "../../../shared/domain/saml/algorithms.ts";
import type { Connection } from "./connections.ts";
import type { Facts } from "./facts.ts";
import type { Judged } from "./judge.ts";

/**
 * What node-saml makes of an assertion that the strict verifier has accepted. `agrees`; `refuses`, where it is stricter or
 * cannot read it; `contradicts`, where it reads another issuer, name or attribute; `not_asked`, for messages that it does
 * not understand: signed with another algorithm than RSA's, or encrypted. What is understood is decided by the signatures
 * that were verified, since the text of a message may be its sender's.
 */
export type Opinion = "agrees" | "refuses" | "contradicts" | "not_asked";

/** @param keys public keys of the identity provider, PEM */
export async function secondOpinion(
  { entityId, consumerUrl, entry }: Connection,
  { xml, facts, signedWith, wasEncrypted }: Judged,
  keys: readonly string[],
): Promise<Opinion> {
  if (wasEncrypted || !signedWith.every((algorithm) => UNDERSTOOD.includes(algorithm))) return "not_asked";
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

/** What node-saml verifies. */
const UNDERSTOOD: readonly SignatureAlgorithm[] = ["rsa-sha1", "rsa-sha256", "rsa-sha512"];

function isSame(facts: Facts, profile: Readonly<Record<string, unknown>>): boolean {
  if (textOf(profile.issuer) !== facts.issuer) return false;
  if (facts.nameId !== undefined && textOf(profile.nameID) !== facts.nameId) return false;
  const attributes = isObject(profile.attributes) ? profile.attributes : {};
  return [...facts.attributes].every(([name, values]) => {
    const read = valuesOf(Object.hasOwn(attributes, name) ? attributes[name] : undefined);
    // Of several attributes with one name, node-saml reads the last. It must read nothing that we do not.
    return read.every((value) => values.includes(value)) && (read.length > 0 || values.every(isBlank));
  });
}

/** Both sides are without white space of XML at their edges. JavaScript's `trim` takes more away. */
const textOf = (value: unknown) => (typeof value === "string" ? trimXml(value) : undefined);

const valuesOf = (value: unknown): string[] => [value].flat().flatMap((each) => textOf(each) || []);

/** node-saml's reader of XML drops a text that is white space of JavaScript alone. */
const isBlank = (value: string) => value.trim() === "";
