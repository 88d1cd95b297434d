/** Who one credential proves. */
export interface Principal {
  /** Name of the provider that proved it: `jwt`, `saml`, `api-key`, or one of the configuration's own. */
  readonly provider: string;
  /** Identifier of the caller, unique within its issuer. */
  readonly subject: string;
  /** A person, a program that acts for itself, or not known which. */
  readonly kind: PrincipalKind;
  /** By what the kind was decided, for the log. */
  readonly kindFrom?: KindSource;
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

/** `unknown`: the credential does not say which of the two. A rule that allows a kind does not allow it; one that denies a kind denies it. */
export const PRINCIPAL_KINDS = ["user", "client", "unknown"] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** What may decide the kind of a principal: words for claims, never their values. docs/configuration.md says what each stands for. */
export const KIND_SOURCES = [
  "configuration",
  "subject_is_client",
  "idtyp",
  "oid",
  "scp",
  "gty",
  "service_account",
  "username",
  "session",
  "subject_is_not_client",
  "contradiction",
  "nothing",
  "assertion",
  "api_key",
] as const;
export type KindSource = (typeof KIND_SOURCES)[number];

export type AttributeValue = string | number | boolean;

/** Those that are no clients before those that are: the order in which principals speak for a request. */
export const personsFirst = (principals: readonly Principal[]): Principal[] => [
  ...principals.filter(({ kind }) => kind !== "client"),
  ...principals.filter(({ kind }) => kind === "client"),
];
