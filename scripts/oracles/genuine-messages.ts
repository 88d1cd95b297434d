import { encryptAssertion } from "../../local/stage/saml/encryption.ts";
import { ASSERTION_ID, assertionXml, RESPONSE_ID, responseXml } from "../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity, signXml } from "../../local/stage/saml/signing.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import type { SamlConfig } from "../../shared/domain/config/saml.ts";

/** Monday, 2026-03-02T10:00:00Z, in seconds since the epoch: every message is of this time, and judged at it. */
export const TIME = 1_772_445_600;

const NAMES = {
  issuer: "https://idp.example.com/metadata",
  audience: "https://api.example.com/saml",
  recipient: "https://api.example.com/saml/acs",
} as const;
const KEY_VARIABLE = "SALLYPORT_ORACLE_SAML_KEY";

/** A genuine message, as its identity provider made it. */
export interface Genuine {
  readonly title: string;
  readonly text: string;
  /** What the message encrypts, which an attacker who knows our certificate can encrypt anew. */
  readonly inner?: string;
}

export interface Messages {
  readonly config: SamlConfig;
  readonly genuine: readonly Genuine[];
  /** What an attacker has besides the message: forged ones, and a genuine one of another user. */
  readonly foreign: readonly string[];
  /** The genuine message of the other user. */
  readonly other: string;
  encrypt(assertion: string): string;
}

/** Mints genuine messages of one user in every form that is accepted, and the configuration that accepts them. */
export async function mintMessages(): Promise<Messages> {
  const [identity, stranger, ours] = await Promise.all([
    createSigningIdentity(),
    createSigningIdentity(),
    createSigningIdentity(),
  ]);
  const curve = await createSigningIdentity({ curve: "P-256" });
  const options = { ...NAMES, subject: "alice@example.com", time: TIME };
  const xml = assertionXml({
    ...options,
    attributes: { groups: ["reader", "writer"], mail: "a&b@example.com", tenant: "acme" },
  });
  const evil = assertionXml({ ...options, subject: "root", attributes: { groups: ["admin"], tenant: "globex" } });
  const encrypt = (assertion: string) => encryptAssertion(assertion, ours.certificate);
  const bob = assertionXml({ ...options, subject: "bob@example.com", id: "_bob", attributes: { tenant: "globex" } });

  const assertion = signXml(xml, ASSERTION_ID, identity);
  const inclusive = signXml(xml, ASSERTION_ID, identity, { inclusivePrefixes: ["saml", "xs"] });
  const unprefixed = signXml(xml.replaceAll("saml:", "").replace("xmlns:saml", "xmlns"), ASSERTION_ID, identity);
  const response = (inside: string, by = identity) => signXml(responseXml(options, inside), RESPONSE_ID, by);
  const genuine: Genuine[] = [
    { title: "a signed assertion", text: assertion },
    { title: "an assertion with a default namespace", text: unprefixed },
    { title: "an assertion with InclusiveNamespaces", text: inclusive },
    { title: "an assertion signed with ECDSA", text: signXml(xml, ASSERTION_ID, curve, { algorithm: "ecdsa-sha256" }) },
    {
      title: "an assertion signed with PSS",
      text: signXml(xml, ASSERTION_ID, identity, { algorithm: "rsa-pss-sha256" }),
    },
    { title: "a Response around a signed assertion", text: responseXml(options, assertion) },
    { title: "a signed Response", text: response(xml) },
    { title: "a Response with both signatures", text: response(assertion) },
    { title: "an encrypted assertion", text: encrypt(assertion), inner: assertion },
    {
      title: "a Response around an encrypted assertion",
      text: responseXml(options, encrypt(assertion)),
      inner: assertion,
    },
    { title: "a signed Response around an encrypted assertion", text: response(encrypt(xml)), inner: xml },
    {
      title: "a signed Response around an assertion that is encrypted with CBC",
      text: response(encryptAssertion(assertion, ours.certificate, { cipher: "aes256-cbc" })),
      inner: assertion,
    },
  ];
  const other = signXml(bob, "_bob", identity);
  const forged = [
    evil,
    signXml(evil, ASSERTION_ID, stranger),
    evil.replace(ASSERTION_ID, "_evil"),
    responseXml(options, evil),
  ];
  return {
    genuine,
    other,
    foreign: [...forged, other],
    encrypt,
    config: configOf([identity.certificate, curve.certificate], ours.privateKey),
  };
}

function configOf(certificates: string[], privateKey: string): SamlConfig {
  process.env[KEY_VARIABLE] = privateKey;
  const { saml } = parseConfig({
    saml: {
      audience: NAMES.audience,
      recipients: NAMES.recipient,
      decryption: { keys: [{ environment: KEY_VARIABLE }] },
      identityProviders: [
        {
          issuer: NAMES.issuer,
          certificates,
          encryptionAlgorithms: ["aes256-gcm", "aes256-cbc"],
          attributes: { tenant: "tenant", roles: ["groups"], attributes: { mail: "mail" } },
        },
      ],
    },
    routes: [{ name: "all", methods: ["GET"], paths: ["/a"] }],
  });
  if (!saml) throw new Error("no section");
  return saml;
}
