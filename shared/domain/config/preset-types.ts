import type { ClaimPath } from "./common.ts";
import type { RequiredClaims } from "./required-claims.ts";

/** Names of the presets. */
export const JWT_PRESET_NAMES = [
  ...(["auth0", "cognito", "entra-v1", "entra-v2", "okta", "google", "keycloak"] as const),
  ...(["github-actions", "gitlab", "aws-sts", "kubernetes", "spiffe", "sallyport"] as const),
] as const;
export type JwtPreset = (typeof JWT_PRESET_NAMES)[number];

/** Stands for the id of the tenant in the issuer of a multi-tenant application of Entra. */
export const TENANT_ID = "{tenantid}";

/** Which claim holds which property of the caller. */
export interface ClaimMapping {
  readonly subject: ClaimPath;
  readonly tenant?: ClaimPath | undefined;
  readonly scopes: readonly ClaimPath[];
  readonly roles: readonly ClaimPath[];
  /** Claims that name the client which the token was issued to. The first that a token has counts. */
  readonly client: readonly ClaimPath[];
  readonly kind?: ClaimPath | undefined;
  readonly addresses?: ClaimPath | undefined;
  readonly usageIdentifierKey?: ClaimPath | undefined;
  /** Name in the context → claim. */
  readonly attributes: Readonly<Record<string, ClaimPath>>;
}

/** What a preset needs to know of its entry. */
export interface PresetEntry {
  readonly issuer: string;
  readonly audience?: readonly string[] | undefined;
}

/** What a product's tokens are like, for the options that an entry leaves out. */
export interface PresetValues {
  readonly algorithms?: readonly Algorithm[];
  readonly keys?: { readonly jwksUri: string };
  readonly types?: readonly string[];
  readonly kind?: "client";
  readonly claims?: Partial<ClaimMapping>;
  readonly requiredClaims?: RequiredClaims;
}

type Algorithm = "RS256" | "ES256" | "ES384";

/** Options of an issuer, as they are written, that a preset restricts. */
export interface Written {
  readonly issuer: string;
  readonly preset?: JwtPreset | undefined;
  readonly audience?: unknown;
  readonly clientIds?: unknown;
  readonly tenantIds?: unknown;
  readonly trustDomain?: unknown;
  readonly keys?: unknown;
}

/** A mistake that only the preset makes one. */
export interface PresetMistake {
  readonly option: keyof Written;
  /** What is allowed there. */
  readonly message: string;
}
