import { type KeyObject, X509Certificate } from "node:crypto";
import * as v from "valibot";
import {
  AUTHENTICATED_ENCRYPTION_ALGORITHMS,
  ENCRYPTION_ALGORITHM_NAMES,
  SIGNATURE_ALGORITHM_NAMES,
  STRONG_SIGNATURE_ALGORITHMS,
} from "../saml/algorithms.ts";
import { isStrongKey } from "../saml/strong-key.ts";
import { DEFAULT_CLOCK_TOLERANCE, MAX_CLOCK_TOLERANCE } from "../time/clock-tolerance.ts";
import { attributeName, eachOnce, fixedValues, oneOrMore, seconds, secureUrl, text } from "./common.ts";
import { late } from "./late.ts";
import type { SamlLoginSchema } from "./saml-login.ts";
import { attributeMapping, SAML_PRESETS, type SamlPreset } from "./saml-presets.ts";
import { secretSource } from "./secret.ts";

const certificate = v.pipe(v.string(), v.check(isCertificate, "one X.509 certificate as PEM or base64"));

/** Reads the certificate, so that a damaged one stops the start and not the first assertion. */
function isCertificate(text: string): boolean {
  return publicKeyOf(text)?.type === "public";
}

/** Whoever can compute the private key of a weak certificate decides which certificates the metadata have. */
function isStrongCertificate(text: string): boolean {
  const key = publicKeyOf(text);
  return key === undefined || isStrongKey(key);
}

function publicKeyOf(text: string): KeyObject | undefined {
  const form = /^\s*(?:-----BEGIN CERTIFICATE-----)?([A-Za-z0-9+/=\s]+)(?:-----END CERTIFICATE-----\s*)?$/;
  try {
    return new X509Certificate(Buffer.from(form.exec(text)?.[1] ?? "", "base64")).publicKey;
  } catch {
    return undefined;
  }
}

const certificates = v.pipe(v.array(certificate), v.minLength(1));

const strongCertificate = v.pipe(
  certificate,
  v.check(isStrongCertificate, "a certificate with a strong key: RSA of 2048 bits or more, or a NIST curve"),
);

/** Which SAML attribute, by its `Name`, holds which property of the caller. */
const attributes = v.strictObject({
  /** Attribute that identifies the caller. Default: the NameID identifies the caller. */
  subject: v.optional(text),
  /** Attribute that names the caller's tenant. Default: that of the preset, or none. */
  tenant: v.optional(text),
  /** Attributes that hold scopes, separated by spaces. Default: those of the preset, or none. */
  scopes: v.optional(v.array(text)),
  /** Attributes that hold roles or groups. Default: those of the preset, or none. */
  roles: v.optional(v.array(text)),
  /**
   * Attributes for the backend: name in the backend's context → SAML attribute. They are added to those of the preset.
   *
   * @example { email: "urn:oid:0.9.2342.19200300.100.1.3" }
   */
  attributes: v.optional(v.record(attributeName, text)),
});

/** The place of the identity provider's metadata. */
const metadata = v.strictObject({
  /** URL of the metadata. https, or http on loopback. The document has at most 1 MiB. Either `url` or `file`. */
  url: v.optional(secureUrl),
  /**
   * A file in the project's folder `metadata/`. The build copies the folder beside the bundle. Either `url` or `file`.
   *
   * @example "metadata/idp.xml"
   */
  file: v.optional(v.pipe(text, v.regex(/^metadata\/[\w-][\w.-]*$/, "a file in metadata/, such as metadata/idp.xml"))),
  /**
   * Certificates, PEM or base64. One of them must have signed the document or the entity in it. Without them no
   * signature is checked: everyone who can change the document decides which certificates are trusted. Their keys must
   * be strong: RSA of 2048 bits or more, or a NIST curve.
   */
  signedBy: v.optional(v.pipe(v.array(strongCertificate), v.minLength(1))),
});

const identityProvider = v.pipe(
  v.strictObject({
    /** Entity ID of the identity provider, exactly as it is in the `Issuer` element. */
    issuer: text,
    /**
     * Signing certificates of the identity provider, PEM or base64. Several during a key rotation. Either
     * `certificates` or `metadata`.
     */
    certificates: v.optional(certificates),
    /**
     * The place of the identity provider's metadata. Its signing certificates come from there and are updated every
     * hour. Either `certificates` or `metadata`.
     */
    metadata: v.optional(metadata),
    /**
     * What happens if a signing certificate is expired or not yet valid. `refuse`: its signatures are refused. `warn`:
     * they are accepted with a warning in the log. `ignore`: they are accepted. Default: `refuse`.
     */
    certificateDates: v.optional(v.picklist(["refuse", "warn", "ignore"]), "refuse"),
    /**
     * Accepted signature algorithms. `rsa-sha1` is for identity providers that support nothing else; `config check`
     * warns. Default: all except `rsa-sha1`.
     */
    algorithms: v.optional(
      v.pipe(v.array(v.picklist(SIGNATURE_ALGORITHM_NAMES)), v.minLength(1)),
      STRONG_SIGNATURE_ALGORITHMS,
    ),
    /**
     * Accepted encryption algorithms. The CBC ones are for identity providers that support nothing else. They are
     * accepted only inside a signed Response, and `config check` warns. Default: the GCM ones.
     */
    encryptionAlgorithms: v.optional(
      v.pipe(v.array(v.picklist(ENCRYPTION_ALGORITHM_NAMES)), v.minLength(1)),
      AUTHENTICATED_ENCRYPTION_ALGORITHMS,
    ),
    /** Product whose attribute names are used. `attributes` can change each of them. Default: none. */
    preset: v.optional(v.picklist(Object.keys(SAML_PRESETS) as [SamlPreset, ...SamlPreset[]])),
    /**
     * Which SAML attribute, by its `Name`, holds which property of the caller. It overrides the preset name by name.
     */
    attributes: v.optional(attributes, {}),
    /** Values that every caller of this identity provider has, whatever the assertion says. */
    fixed: v.optional(fixedValues, {}),
    /**
     * Seconds by which `NotBefore`, `IssueInstant` and `AuthnInstant` may lie in the future, 0 to 300. It never extends
     * an end. Default: 30.
     */
    clockTolerance: v.optional(seconds(0, MAX_CLOCK_TOLERANCE), DEFAULT_CLOCK_TOLERANCE.saml),
    /**
     * Seconds since `AuthnInstant` after which an assertion is refused, even if it ends later. An assertion without
     * `AuthnStatement` is refused if this is set. Default: no limit.
     */
    maxAuthenticationAge: v.optional(seconds(1, 31_536_000)),
    /**
     * Seconds since `IssueInstant` after which an assertion is refused, even if it ends later. Default: no limit.
     */
    maxAssertionAge: v.optional(seconds(1, 31_536_000)),
    /**
     * `allow`: an assertion is accepted until it ends. `once`: it is accepted a single time; its use is recorded in
     * `replayTable`. Default: `allow`.
     */
    replay: v.optional(v.picklist(["allow", "once"]), "allow"),
    /** How people log in there, with `federation`. Default: its assertions are credentials only. */
    login: v.optional(late<SamlLoginSchema>("login")),
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

const section = v.pipe(
  v.strictObject({
    /** Entity IDs of this service. An assertion's `AudienceRestriction` must name one of them. */
    audience: oneOrMore(text),
    /**
     * Assertion consumer service URLs of this service. The `Recipient` of an assertion, and the `Destination` of a
     * Response, must be one of them.
     */
    recipients: oneOrMore(text),
    /**
     * Accepted identity providers. Each has one entry with its own certificates, algorithms and attribute names. It may
     * be empty until the first one is known: every assertion is refused, and `saml metadata` works.
     */
    identityProviders: v.pipe(v.array(identityProvider), eachOnce("issuer", "each issuer once")),
    /** Keys for encrypted assertions. Default: encrypted assertions are refused. */
    decryption: v.optional(
      v.strictObject({
        /** The places of one or two private RSA keys, PEM (PKCS #8 or #1). Two during a key rotation. */
        keys: v.pipe(v.array(secretSource), v.minLength(1), v.maxLength(2)),
        /**
         * Certificate of the newest key, PEM or base64. `sallyport saml` writes it into the metadata of this service.
         */
        certificate: v.optional(certificate),
      }),
    ),
    /**
     * Name or ARN of the DynamoDB table that records used assertions. Without it, assertions with `OneTimeUse` are
     * refused.
     */
    replayTable: v.optional(text),
    /**
     * Maximum length of the encoded credential in characters, 1024 to 10240. API Gateway accepts 10240 bytes for all
     * headers together. Default: 10240.
     */
    maxLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(10_240)), 10_240),
    /** Maximum size of the XML in bytes after decoding and inflating, 1024 to 262144. Default: 32768. */
    maxInflatedLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(262_144)), 32_768),
  }),
  v.check(
    ({ identityProviders, replayTable }) =>
      replayTable !== undefined || identityProviders.every(({ replay }) => replay === "allow"),
    "replayTable, where an identity provider has replay: once",
  ),
);

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface SamlSchema extends Section {}
export const samlConfig: SamlSchema = section;

export type SamlConfig = v.InferOutput<typeof samlConfig>;
export type SamlIdentityProvider = SamlConfig["identityProviders"][number];
