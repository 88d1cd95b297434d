import { X509Certificate } from "node:crypto";
import * as v from "valibot";
import {
  AUTHENTICATED_ENCRYPTION_ALGORITHMS,
  ENCRYPTION_ALGORITHM_NAMES,
  SIGNATURE_ALGORITHM_NAMES,
  STRONG_SIGNATURE_ALGORITHMS,
} from "../saml/algorithms.ts";
import { DEFAULT_CLOCK_TOLERANCE, MAX_CLOCK_TOLERANCE } from "../time/clock-tolerance.ts";
import { attributeName, eachOnce, fixedValues, oneOrMore, seconds, secureUrl, text } from "./common.ts";
import { attributeMapping, SAML_PRESETS, type SamlPreset } from "./saml-presets.ts";
import { secretSource } from "./secret.ts";

const certificate = v.pipe(v.string(), v.check(isCertificate, "one X.509 certificate as PEM or base64"));

/** Whether it can be read at all: a mistake in it should be found at the start, not at the first assertion. */
function isCertificate(text: string): boolean {
  const form = /^\s*(?:-----BEGIN CERTIFICATE-----)?([A-Za-z0-9+/=\s]+)(?:-----END CERTIFICATE-----\s*)?$/;
  try {
    return new X509Certificate(Buffer.from(form.exec(text)?.[1] ?? "", "base64")).publicKey.type === "public";
  } catch {
    return false;
  }
}

const certificates = v.pipe(v.array(certificate), v.minLength(1));

/** SAML attributes by `Name`, as the identity provider sends them. */
const attributes = v.strictObject({
  /** Attribute that names the caller instead of the NameID. */
  subject: v.optional(text),
  tenant: v.optional(text),
  scopes: v.optional(v.array(text)),
  roles: v.optional(v.array(text)),
  /** Attribute name in the context → SAML attribute. */
  attributes: v.optional(v.record(attributeName, text)),
});

/** Where the identity provider's metadata is. Its certificates are taken from there, and followed when they change. */
const metadata = v.strictObject({
  url: v.optional(secureUrl),
  /** A file of the project's folder `metadata/`, which the build copies beside the bundle. */
  file: v.optional(v.pipe(text, v.regex(/^metadata\/[\w-][\w.-]*$/, "a file in metadata/, such as metadata/idp.xml"))),
  /** Certificates one of which must have signed the metadata. Without them, whoever can change the document says whom to trust. */
  signedBy: v.optional(certificates),
});

const identityProvider = v.pipe(
  v.strictObject({
    /** The identity provider's entity id, as it stands in Issuer. */
    issuer: text,
    /** Signing certificates; several while one is being replaced. */
    certificates: v.optional(certificates),
    metadata: v.optional(metadata),
    /** What a certificate that is out of its dates is worth: nothing, a warning in the log, or as much as any other. */
    certificateDates: v.optional(v.picklist(["refuse", "warn", "ignore"]), "refuse"),
    /** `rsa-sha1` is legal for an identity provider that can do nothing else; `config check` warns of it. */
    algorithms: v.optional(
      v.pipe(v.array(v.picklist(SIGNATURE_ALGORITHM_NAMES)), v.minLength(1)),
      STRONG_SIGNATURE_ALGORITHMS,
    ),
    /** CBC is legal for an identity provider that can do nothing else, and then accepted within a signed Response only. */
    encryptionAlgorithms: v.optional(
      v.pipe(v.array(v.picklist(ENCRYPTION_ALGORITHM_NAMES)), v.minLength(1)),
      AUTHENTICATED_ENCRYPTION_ALGORITHMS,
    ),
    preset: v.optional(v.picklist(Object.keys(SAML_PRESETS) as [SamlPreset, ...SamlPreset[]])),
    attributes: v.optional(attributes, {}),
    fixed: v.optional(fixedValues, {}),
    /** Seconds by which the start of a validity may lie in the future. Never extends an end. */
    clockTolerance: v.optional(seconds(0, MAX_CLOCK_TOLERANCE), DEFAULT_CLOCK_TOLERANCE.saml),
    /** Seconds since AuthnInstant after which an assertion is refused, whatever its conditions. */
    maxAuthenticationAge: v.optional(seconds(1, 31_536_000)),
    /** `once`: an assertion is accepted a single time, which is recorded in `replayTable`. */
    replay: v.optional(v.picklist(["allow", "once"]), "allow"),
  }),
  v.check(
    (entry) => (entry.certificates === undefined) !== (entry.metadata === undefined),
    "either certificates or metadata",
  ),
  v.check(
    ({ metadata: place }) => !place || (place.url === undefined) !== (place.file === undefined),
    "metadata with either url or file",
  ),
  v.transform((entry) => ({ ...entry, attributes: attributeMapping(entry.preset, entry.attributes) })),
);

export const samlConfig = v.pipe(
  v.strictObject({
    /** Our entity id: what AudienceRestriction must name. */
    audience: oneOrMore(text),
    /** Assertion consumer service URLs: what Recipient, and a Response's Destination, must name. */
    recipients: oneOrMore(text),
    identityProviders: v.pipe(
      v.array(identityProvider),
      v.minLength(1),
      eachOnce(({ issuer }) => issuer, "each issuer once"),
    ),
    /** What assertions are encrypted for. Absent: encrypted ones are refused. */
    decryption: v.optional(
      v.strictObject({
        /** Private RSA keys as PEM (PKCS #8 or #1); two while one is being replaced. */
        keys: v.pipe(v.array(secretSource), v.minLength(1), v.maxLength(2)),
        /** Certificate of the newest, for our own metadata. */
        certificate: v.optional(certificate),
      }),
    ),
    /** DynamoDB table that records which assertions were used. Absent: those that ask to be used once are refused. */
    replayTable: v.optional(text),
    /** Characters of the credential as presented; API Gateway passes 10,240 bytes of headers in all. */
    maxLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(10_240)), 10_240),
    /** Bytes of XML after decoding and inflating. */
    maxInflatedLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(262_144)), 32_768),
  }),
  v.check(
    ({ identityProviders, replayTable }) =>
      replayTable !== undefined || identityProviders.every(({ replay }) => replay === "allow"),
    "replayTable, where an identity provider has replay: once",
  ),
);

export type SamlConfig = v.InferOutput<typeof samlConfig>;
export type SamlIdentityProvider = SamlConfig["identityProviders"][number];
