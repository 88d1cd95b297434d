import { createPrivateKey } from "node:crypto";
import { decryptAssertion } from "../../../providers/saml/signed-assertion.ts";
import { decodeCredential } from "../../../providers/saml/xml/decode.ts";
import { attribute, children, descendants, is, parseXml } from "../../../providers/saml/xml/document.ts";
import { scanXml } from "../../../providers/saml/xml/scan.ts";
import { trimXml } from "../../../providers/saml/xml/white-space.ts";
import type { SamlConfig } from "../../../shared/domain/config/saml.ts";
import type { Namespace } from "../../../shared/domain/saml/namespaces.ts";
import { openSecret } from "../../../shared/infrastructure/secret/open-secret.ts";

/** A message that was rejected, read and not believed: no signature of it was looked at. */
export interface RejectedMessage {
  readonly root: Element;
  readonly response?: Element;
  /** Also one that was encrypted, if it can be opened. */
  readonly assertion?: Element;
  readonly encrypted?: Element;
  /** The Issuer of the assertion or, without it, of the Response. */
  readonly issuer?: string;
}

/** Reads what can be read of a credential; undefined if it is no XML. */
export async function readRejected(value: string, config: SamlConfig): Promise<RejectedMessage | undefined> {
  const root = rootOf(value, config);
  if (!root) return undefined;
  const [response] = elementsIn(root, "protocol", "Response");
  const [encrypted] = elementsIn(root, "assertion", "EncryptedAssertion");
  const [plain] = elementsIn(root, "assertion", "Assertion");
  const assertion = plain ?? (encrypted && (await opened(encrypted, config)));
  const [issuer] = [assertion, response].flatMap((element) => (element ? issuersOf(element) : []));
  return {
    root,
    ...(response && { response }),
    ...(assertion && { assertion }),
    ...(encrypted && { encrypted }),
    ...(issuer !== undefined && { issuer }),
  };
}

function rootOf(value: string, { maxInflatedLength }: SamlConfig): Element | undefined {
  try {
    const text = decodeCredential(value, maxInflatedLength);
    scanXml(text);
    return parseXml(text);
  } catch {
    return undefined;
  }
}

/** Opens an encrypted assertion with our keys, whatever its identity provider may use. */
async function opened(encrypted: Element, config: SamlConfig): Promise<Element | undefined> {
  const secrets = (config.decryption?.keys ?? []).map((source) =>
    openSecret(source, (pem) => createPrivateKey(Buffer.from(pem))).current(),
  );
  try {
    const decryptionKeys = await Promise.all(secrets);
    const encryptionAlgorithms = config.identityProviders.flatMap((entry) => entry.encryptionAlgorithms);
    const options = { keys: [], algorithms: [], encryptionAlgorithms, decryptionKeys };
    return decryptAssertion(undefined, { encrypted }, { ...options, maxLength: config.maxInflatedLength }).assertion;
  } catch {
    return undefined;
  }
}

/** The element itself and those within it, by name. */
export const elementsIn = (element: Element, namespace: Namespace, name: string): Element[] =>
  descendants(element).filter((each) => is(each, namespace, name));

export const issuersOf = (element: Element): string[] => children(element, "assertion", "Issuer").map(textIn);

/** The text of an element, as far as it is one. */
export const textIn = (element: Element): string => trimXml(element.textContent ?? "");

/** The values of an attribute of several elements. */
export const attributesOf = (elements: readonly Element[], name: string): string[] =>
  elements.flatMap((element) => attribute(element, name) ?? []);
