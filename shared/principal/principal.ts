/** Who one credential proves. */
export interface Principal {
  /** Name of the provider that proved it: `jwt`, `saml`, `api-key`, or one of the configuration's own. */
  readonly provider: string;
  /** Identifier of the caller, unique within its issuer. */
  readonly subject: string;
  /** A person, or a program that acts for itself; `unknown` where the credential does not tell. */
  readonly kind: PrincipalKind;
  /** The authority that vouches for the subject: `iss`, the assertion's Issuer, or `api-keys:<environment>`. */
  readonly issuer: string;
  readonly tenant?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** CIDRs the credential may be used from. Absent: from anywhere. An empty list: from nowhere. */
  readonly addresses?: readonly string[];
  /** Seconds since the epoch. */
  readonly issuedAt?: number;
  /** Seconds since the epoch: the first second at which the credential is no longer valid. Absent: it has no end of its own. */
  readonly expiresAt?: number;
  /** Flat values that the configuration asked to hand on to backends. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Value of an API Gateway API key, for usage plans with `ApiKeySourceType: AUTHORIZER`. A secret. */
  readonly usageIdentifierKey?: string;
}

export type PrincipalKind = "user" | "client" | "unknown";
export type AttributeValue = string | number | boolean;

/** Those that are no clients before those that are: the order in which principals speak for a request. */
export const personsFirst = (principals: readonly Principal[]): Principal[] => [
  ...principals.filter(({ kind }) => kind !== "client"),
  ...principals.filter(({ kind }) => kind === "client"),
];
