/** The scheme of a credential in the request. It is a hint: each provider also checks the shape of the value. */
export type Scheme = "bearer" | "dpop" | "saml" | "api-key" | "other";

/** A credential of a request. */
export interface Credential {
  readonly scheme: Scheme;
  /** The value without the scheme's name. Never logged. */
  readonly value: string;
  readonly location: CredentialLocation;
  /** The complete value of the header or query parameter. Absent: not known. Never logged. */
  readonly raw?: string;
}

export interface CredentialLocation {
  readonly in: "header" | "query" | "token" | "subprotocol";
  /** Name of the header (lower case) or query parameter. */
  readonly name: string;
}
