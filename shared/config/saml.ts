import * as v from "valibot";
import { attributeName, fixedValues, oneOrMore, seconds, text } from "./common.ts";

/** XML Signature algorithms by the last part of their identifiers (RFC 6931, XML Encryption 1.1). */
export const SIGNATURE_ALGORITHMS = ["rsa-sha256", "rsa-sha384", "rsa-sha512", "rsa-sha1"] as const;

const certificate = v.pipe(
  v.string(),
  v.check(
    (value) => /^(-----BEGIN CERTIFICATE-----)?[A-Za-z0-9+/=\s]{100,}(-----END CERTIFICATE-----\s*)?$/.test(value),
    "an X.509 certificate as PEM or base64",
  ),
);

/** SAML attributes by `Name`, as the identity provider sends them. */
const attributes = v.strictObject({
  /** Attribute that names the caller instead of the NameID. */
  subject: v.optional(text),
  tenant: v.optional(text),
  scopes: v.optional(v.array(text), []),
  roles: v.optional(v.array(text), []),
  /** Attribute name in the context → SAML attribute. */
  attributes: v.optional(v.record(attributeName, text), {}),
});

export const identityProvider = v.strictObject({
  /** The identity provider's entity id, as it stands in Issuer. */
  issuer: text,
  /** Signing certificates; several while one is being replaced. */
  certificates: v.pipe(v.array(certificate), v.minLength(1)),
  /** `rsa-sha1` is legal for an identity provider that can do nothing else; `config check` warns of it. */
  algorithms: v.optional(v.pipe(v.array(v.picklist(SIGNATURE_ALGORITHMS)), v.minLength(1)), [
    "rsa-sha256",
    "rsa-sha384",
    "rsa-sha512",
  ]),
  attributes: v.optional(attributes, {}),
  fixed: v.optional(fixedValues, {}),
  /** Seconds by which the start of a validity may lie in the future. Never extends an end. */
  clockTolerance: v.optional(seconds(0, 300), 30),
  /** Seconds since AuthnInstant after which an assertion is refused, whatever its conditions. */
  maxAuthenticationAge: v.optional(seconds(1, 31_536_000)),
});

export const samlConfig = v.strictObject({
  /** Our entity id: what AudienceRestriction must name. */
  audience: oneOrMore(text),
  /** Assertion consumer service URLs: what Recipient, and a Response's Destination, must name. */
  recipients: oneOrMore(text),
  identityProviders: v.pipe(
    v.array(identityProvider),
    v.minLength(1),
    v.check((entries) => new Set(entries.map((entry) => entry.issuer)).size === entries.length, "each issuer once"),
  ),
  /** Characters of the credential as presented; API Gateway passes 10,240 bytes of headers in all. */
  maxLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(10_240)), 10_240),
  /** Bytes of XML after decoding and inflating. */
  maxInflatedLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(262_144)), 65_536),
});

export type SamlConfig = v.InferOutput<typeof samlConfig>;
export type SamlIdentityProvider = SamlConfig["identityProviders"][number];
