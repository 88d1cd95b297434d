/** The identity that one credential proves. */
export interface Principal {
  /** Name of the provider that verified the credential: `jwt`, `saml`, `api-key`, or one of your own. */
  readonly provider: string;
  /** Identifier of the caller, unique within its issuer. */
  readonly subject: string;
  /** Whether it is a person (`user`) or a program that acts for itself (`client`). */
  readonly kind: PrincipalKind;
  /** How the kind was decided, for the log. */
  readonly kindFrom?: KindSource;
  /** The issuer of the credential: `iss`, the assertion's Issuer, or `api-keys:<environment>`. */
  readonly issuer: string;
  readonly tenant?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** CIDR ranges from which the credential may be used. Absent: from anywhere. An empty list: from nowhere. */
  readonly addresses?: readonly string[];
  /**
   * How it was proved that the request comes from whom the credential was issued to. Absent: by nothing but the
   * credential itself.
   */
  readonly confirmation?: readonly Confirmation[];
  /** The nonce for the client's next DPoP proof, which a backend can send on. Absent: the server asks for none. */
  readonly dpopNonce?: string;
  /** How a person signed in. Absent: the credential does not say. */
  readonly authentication?: Authentication;
  /** Seconds since the epoch. */
  readonly issuedAt?: number;
  /** Identifier of the credential itself, unique within its issuer: `jti` of a JWT, ID of an assertion. */
  readonly tokenId?: string;
  /** The first second at which the credential is no longer valid, since the epoch. Absent: it does not expire. */
  readonly expiresAt?: number;
  /** Values for the backend that the configuration maps. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Value of an API Gateway API key, for usage plans with `ApiKeySourceType: AUTHORIZER`. A secret. */
  readonly usageIdentifierKey?: string;
}

/** How a person signed in, as far as the credential says. */
export interface Authentication {
  /** `acr` of a token, or the AuthnContextClassRef of an assertion. */
  readonly contextClass?: string;
  /** `amr` of a token (RFC 8176). */
  readonly methods?: readonly string[];
  /** Seconds since the epoch: `auth_time` of a token, or the AuthnInstant of an assertion. */
  readonly time?: number;
}

/**
 * `unknown`: the credential does not say whether it is a user or a client. A rule that allows one kind does not apply
 * to it. A rule that denies one kind applies.
 */
export const PRINCIPAL_KINDS = ["user", "client", "unknown"] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** What decided the kind of a principal. Codes for claims, never their values; docs/configuration.md explains them. */
export const KIND_SOURCES = [
  "configuration",
  "claim",
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

/** `mtls`: by the client's certificate (RFC 8705). `dpop`: by a DPoP proof (RFC 9449). */
export const CONFIRMATIONS = ["mtls", "dpop"] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

export type AttributeValue = string | number | boolean;

/** Whether a value is one that every backend reads alike: API Gateway fails on the others. */
export const isAttributeValue = (value: unknown): value is AttributeValue =>
  (typeof value === "string" && value.isWellFormed()) || typeof value === "boolean" || Number.isFinite(value);

/** Users and principals of unknown kind first, then clients. The first one supplies the main values of the caller. */
export const personsFirst = (principals: readonly Principal[]): Principal[] => [
  ...principals.filter(({ kind }) => kind !== "client"),
  ...principals.filter(({ kind }) => kind === "client"),
];
