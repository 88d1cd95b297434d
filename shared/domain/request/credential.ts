/** How a credential was labelled where it stood. A label is a hint: each provider also looks at the shape. */
export type Scheme = "bearer" | "saml" | "api-key" | "other";

/** What the caller presented: its scheme, its value, where in the request it stood. */
export interface Credential {
  readonly scheme: Scheme;
  /** The raw value, without the scheme's name. Never logged. */
  readonly value: string;
  readonly location: CredentialLocation;
  /** All that stood in that place, whole: the value of the header or the query parameter. Absent: nobody says. Never logged. */
  readonly raw?: string;
}

export interface CredentialLocation {
  readonly in: "header" | "query" | "token" | "subprotocol";
  /** Name of the header (lower case) or query parameter, as the configuration has it. */
  readonly name: string;
}
