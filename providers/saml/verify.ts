import type { KeyObject } from "node:crypto";
import type { SamlConfig, SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { demand, Refusal } from "../../shared/domain/reasons/errors.ts";
import type { Rejection } from "../../shared/domain/reasons/reasons.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import type { SignatureAlgorithm } from "../../shared/domain/saml/algorithms.ts";
import { readAttributes } from "./attributes.ts";
import { authenticationOf } from "./authentication.ts";
import { checkConditions } from "./conditions.ts";
import { checkEnvelope, type Message, readMessage } from "./message.ts";
import { principalOf } from "./principal.ts";
import { decryptAssertion, type SignedAssertion, signedAssertion } from "./signed-assertion.ts";
import { readSubject } from "./subject.ts";
import { type Trust, trustAt } from "./trust.ts";
import type { TrustAnchorSource, TrustAnchors } from "./trust-anchors.ts";
import { attribute, parseXml } from "./xml/document.ts";
import { checkCipher } from "./xml/encryption.ts";

/** Configuration and keys for verifying messages. */
export interface SamlContext {
  readonly config: SamlConfig;
  readonly sourceOf: (entry: SamlIdentityProvider) => TrustAnchorSource;
  /** Opens our private keys. Called for encrypted assertions only. @throws {TroubleError} `secret_unavailable` */
  readonly openKeys: () => Promise<readonly KeyObject[]>;
  /**
   * Looks for newer private keys than those that were used, and says whether there are.
   *
   * @throws {TroubleError} `secret_unavailable`
   */
  readonly renewKeys: (used: readonly KeyObject[]) => Promise<boolean>;
}

/** A verified assertion, with the limits of its use. */
export interface VerifiedAssertion {
  readonly principal: Principal;
  readonly entry: SamlIdentityProvider;
  readonly id: string;
  /** The assertion has the condition OneTimeUse (SAML core 2.5.1.5). */
  readonly oneTimeUse: boolean;
  /** The certificate of its signature is expired or not yet valid. */
  readonly isOutOfDates: boolean;
  /** The certificates that it was verified with. */
  readonly anchors: TrustAnchors;
  /** When the result of the verification could change, in seconds since the epoch. */
  readonly until: number;
  /**
   * From when on nobody can use the assertion, in seconds since the epoch. Later than its end where that is of metadata
   * or a certificate, which may be renewed, or where another confirmation ends later.
   */
  readonly usableUntil: number;
}

/** A verified assertion with its elements, for those who ask for more than an authorizer does. */
export interface VerifiedMessage {
  readonly verified: VerifiedAssertion;
  /** Parsed from the bytes that were verified. */
  readonly assertion: Element;
  /** The Response around it. It may be unsigned, so it can only cause a refusal. */
  readonly response?: Element;
  /** The algorithms of the signatures that were verified. */
  readonly signedWith: readonly SignatureAlgorithm[];
  readonly wasEncrypted: boolean;
}

/**
 * Verifies a message whose text has passed `scanXml`. Before the signature is verified, the message can only be
 * refused. Afterwards only signed data are read.
 *
 * @throws {Refusal}
 * @throws {TroubleError} `metadata_unavailable`, `secret_unavailable`
 */
export async function verifyMessage(
  text: string,
  request: AuthorizationRequest,
  context: SamlContext,
): Promise<VerifiedMessage> {
  let used: readonly KeyObject[] = [];
  const openKeys = async () => {
    used = await context.openKeys();
    return used;
  };
  try {
    return await verifyWithNewest(text, request, { ...context, openKeys });
  } catch (error) {
    // One of our private keys may have been wrong, or have been replaced.
    if (!isRefusal(error, "assertion_decryption_failed") || !(await context.renewKeys(used))) throw error;
    return verifyWithNewest(text, request, context);
  }
}

async function verifyWithNewest(
  text: string,
  request: AuthorizationRequest,
  context: SamlContext,
): Promise<VerifiedMessage> {
  const opened = await openMessage(text, context);
  const { entry } = opened;
  const source = context.sourceOf(entry);
  const known = await source.current();
  try {
    return verifyOpened(opened, known, request, context.config);
  } catch (error) {
    // The identity provider may have rotated its key, or have published metadata that end later.
    if (!isRefusal(error, "assertion_signature_invalid", "assertion_certificate_invalid")) throw error;
    const newer = await source.newer(known);
    if (newer === known) throw error;
    return verifyOpened(await openMessage(text, context), newer, request, context.config);
  }
}

const isRefusal = (error: unknown, ...reasons: readonly Rejection[]) =>
  error instanceof Refusal && reasons.includes(error.reason);

/** A message and the entry of its claimed issuer. */
interface Opened {
  readonly message: Message;
  readonly entry: SamlIdentityProvider;
  readonly decryptionKeys: readonly KeyObject[];
}

async function openMessage(text: string, { config, openKeys }: SamlContext): Promise<Opened> {
  const message = readMessage(parseXml(text));
  if (message.response) checkEnvelope(message.response, config.recipients);
  const { encrypted, issuer } = message;
  const decryptionKeys = encrypted ? await openKeys() : [];
  if (issuer !== undefined) return { message, entry: entryOf(issuer, config), decryptionKeys };
  // An encrypted assertion without a Response: its Issuer is inside.
  const encryptionAlgorithms = config.identityProviders.flatMap((entry) => entry.encryptionAlgorithms);
  const within = decryptAssertion(undefined, message, {
    encryptionAlgorithms,
    decryptionKeys,
    maxLength: config.maxInflatedLength,
  });
  const entry = entryOf(within.issuer, config);
  if (encrypted) checkCipher(encrypted, entry.encryptionAlgorithms);
  return { message: within, entry, decryptionKeys };
}

function entryOf(issuer: string | undefined, { identityProviders }: SamlConfig): SamlIdentityProvider {
  const entry = identityProviders.find((each) => each.issuer === issuer);
  demand(entry, "assertion_issuer_unknown");
  return entry;
}

function verifyOpened(
  { message, entry, decryptionKeys }: Opened,
  anchors: TrustAnchors,
  request: AuthorizationRequest,
  config: SamlConfig,
): VerifiedMessage {
  const trust = trustAt(anchors, entry, request.time);
  const { algorithms, encryptionAlgorithms } = entry;
  const signed = signedAssertion(message, {
    keys: trust.keys,
    algorithms,
    encryptionAlgorithms,
    decryptionKeys,
    maxLength: config.maxInflatedLength,
  });
  const verified = readAssertion(signed, { trust, anchors, entry }, request, config);
  const { response } = message;
  const { assertion, signedWith } = signed;
  const wasEncrypted = decryptionKeys.length > 0;
  return { verified, assertion, signedWith, wasEncrypted, ...(response && { response }) };
}

function readAssertion(
  { assertion, signers }: SignedAssertion,
  { trust, anchors, entry }: { trust: Trust; anchors: TrustAnchors; entry: SamlIdentityProvider },
  request: AuthorizationRequest,
  config: SamlConfig,
): VerifiedAssertion {
  demand(readMessage(assertion).issuer === entry.issuer, "assertion_issuer_unknown");
  const { issuedAt, end, oneTimeUse } = checkConditions(assertion, request.time, config, entry);
  const subject = readSubject(assertion, request, config, entry);
  const expiresAt = Math.floor(Math.min(end, subject.end, ...signers.map(trust.endOf)));
  const { nameId, address } = subject;
  const id = attribute(assertion, "ID") ?? "";
  const authentication = authenticationOf(assertion);
  const facts = withoutUndefined({ nameId, id, issuedAt, expiresAt, address, authentication });
  return {
    principal: principalOf(facts, readAttributes(assertion), entry),
    entry,
    id,
    oneTimeUse,
    isOutOfDates: signers.some((key) => trust.outOfDates.includes(key)),
    anchors,
    until: Math.min(expiresAt, trust.until),
    usableUntil: subject.lastEnd,
  };
}
