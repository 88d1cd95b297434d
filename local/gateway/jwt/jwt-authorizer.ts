/** A JWT authorizer of a REST or HTTP API, which API Gateway evaluates without a function. */
export interface JwtAuthorizer {
  /** Where the token is. */
  readonly source: { readonly in: "header" | "query"; readonly name: string };
  /** Accepted values of `alg`. */
  readonly algorithms: readonly string[];
  readonly issuers: readonly TrustedIssuer[];
}

/** An issuer of a JWT authorizer. One of an HTTP API has one issuer, without further claims. */
export interface TrustedIssuer {
  /** The claim `iss`, exactly. */
  readonly issuer: string;
  /** Values of which `aud` has one, or `client_id` where there is no `aud`. */
  readonly audiences: readonly string[];
  readonly claims: readonly AdditionalClaim[];
}

/** A further claim that a REST API's JWT authorizer checks. */
export interface AdditionalClaim {
  readonly name: string;
  readonly format: ClaimFormat;
  /** Values of which the claim has one; undefined for any. */
  readonly expected?: readonly string[];
  /** Whether a token without the claim is refused. */
  readonly isRequired: boolean;
}

/** How a claim holds values. */
export type ClaimFormat = "single-string" | "string-array" | "space-separated-values";

/** A route's JWT authorizer, and the scopes of which a token needs one; none for any token. */
export interface JwtRoute {
  readonly authorizer: JwtAuthorizer;
  readonly scopes: readonly string[];
}

/** Algorithms of HTTP APIs: only those with RSA keys (developer guide, "JWT authorizers"). */
export const RSA_ALGORITHMS = ["RS256", "RS384", "RS512"] as const;

/** Algorithms that the local gateway can check. None has a shared secret. */
export const ALGORITHMS: readonly string[] = [
  ...RSA_ALGORITHMS,
  ...["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
];
