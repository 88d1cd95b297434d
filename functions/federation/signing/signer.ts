/** A public key of the JWK Set (RFC 7517). */
export interface PublishedKey {
  readonly kty: "RSA";
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly alg: "RS256";
  readonly use: "sig";
}

/** Signs tokens. RS256, which every authorizer of API Gateway takes. */
export interface Signer {
  /** Every key whose tokens may be valid, and the one that signs next. @throws if the keys cannot be read */
  published(): Promise<readonly PublishedKey[]>;
  /** The `kid` of the key that signs now, and its signature of a text. @throws if it cannot sign */
  sign(text: (kid: string) => string): Promise<{ readonly text: string; readonly signature: Uint8Array }>;
}

export const publishedKey = ({ n, e }: { readonly n: string; readonly e: string }, kid: string): PublishedKey => ({
  ...{ kty: "RSA", n, e, kid, alg: "RS256", use: "sig" },
});
