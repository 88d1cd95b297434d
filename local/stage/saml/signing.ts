import { type BinaryLike, createHash, sign } from "node:crypto";
import { generate } from "selfsigned";
import { SignedXml } from "xml-crypto";
import { IDENTIFIERS } from "../../../providers/saml/identifiers.ts";
import { SIGNATURE_SCHEMES } from "../../../providers/saml/xml/signature-schemes.ts";
import {
  HASH_ALGORITHMS,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../../../shared/domain/saml/algorithms.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";

/** A private key and its self-signed certificate, both PEM. */
export interface SigningIdentity {
  readonly privateKey: string;
  readonly certificate: string;
}

/**
 * Makes a key and a certificate, valid `from`–`until` (seconds since the epoch). With `curve` it is an elliptic curve
 * key.
 */
export async function createSigningIdentity({
  from = 0,
  until = 4_102_444_800,
  keySize = 2048,
  curve,
}: {
  from?: number;
  until?: number;
  keySize?: number;
  curve?: "P-256" | "P-384" | "P-521";
} = {}): Promise<SigningIdentity> {
  const { private: privateKey, cert } = await generate(
    [{ name: "commonName", value: "Sallyport local identity provider" }],
    {
      ...(curve ? { keyType: "ec" as const, curve } : { keySize }),
      algorithm: "sha256",
      notBeforeDate: new Date(from * 1000),
      notAfterDate: new Date(until * 1000),
    },
  );
  return { privateKey, certificate: cert };
}

/** How a signature is made. */
export interface SignatureForm {
  /** Name of the algorithm, as the configuration has it. */
  readonly algorithm?: SignatureAlgorithm;
  /** URI of the digest; by default that of the algorithm's hash. */
  readonly digest?: string;
  /** PrefixList of InclusiveNamespaces, which some products add. */
  readonly inclusivePrefixes?: readonly string[];
}

/**
 * Signs the element with this ID, enveloped and in exclusive canonical form (SAML core 5.4), after its Issuer or as its
 * first child.
 */
export function signXml(xml: string, id: string, { privateKey }: SigningIdentity, form: SignatureForm = {}): string {
  const { uri, hash, scheme } = SIGNATURE_ALGORITHMS[form.algorithm ?? "rsa-sha256"];
  const { options } = SIGNATURE_SCHEMES[scheme];
  const exclusive = NAMESPACES.canonicalization;
  const inclusive = { inclusiveNamespacesPrefixList: [...(form.inclusivePrefixes ?? [])] };
  const signature = new SignedXml({
    privateKey,
    signatureAlgorithm: uri,
    canonicalizationAlgorithm: exclusive,
    ...inclusive,
  });
  // xml-crypto supports only RSA.
  signature.SignatureAlgorithms[uri] = class {
    getAlgorithmName = () => uri;
    getSignature = (info: BinaryLike) =>
      sign(hash, Buffer.from(String(info)), { key: privateKey, ...options }).toString("base64");
    verifySignature = () => false;
  };
  signature.HashAlgorithms[HASH_ALGORITHMS.sha384.digest] = class {
    getAlgorithmName = () => HASH_ALGORITHMS.sha384.digest;
    getHash = (text: string) => createHash("sha384").update(text).digest("base64");
  };
  signature.addReference({
    xpath: `//*[@ID="${id}"]`,
    digestAlgorithm: form.digest ?? HASH_ALGORITHMS[hash].digest,
    transforms: [IDENTIFIERS.enveloped, exclusive],
    ...inclusive,
  });
  const issuer = `//*[@ID="${id}"]/*[local-name(.)="Issuer"]`;
  const hasIssuer = new RegExp(`ID="${id}"[^>]*><[a-z]*:?Issuer`).test(xml);
  const location = hasIssuer
    ? ({ reference: issuer, action: "after" } as const)
    : ({ reference: `//*[@ID="${id}"]`, action: "prepend" } as const);
  signature.computeSignature(xml, { location, prefix: "ds" });
  return signature.getSignedXml();
}
