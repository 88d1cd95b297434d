import type { Principal } from "../../shared/domain/principal/principal.ts";

/** The part of a written configuration that the model uses. */
export interface ModelConfig {
  readonly routes: readonly Rule[];
  readonly merge?: {
    readonly scopes?: "intersection" | "union";
    readonly samePerson?: { readonly subject: true } | { readonly attribute: string };
  };
  readonly policy?: {
    readonly bindAddress?: boolean;
    readonly explicitDeny?: boolean;
    readonly maxLifetime?: number;
    readonly caseInsensitivePaths?: boolean;
  };
}

export interface Rule {
  readonly name: string;
  readonly effect?: "allow" | "deny";
  readonly methods: readonly string[] | "ANY";
  readonly paths: readonly string[];
  readonly credentials?: ModelRequirement;
  readonly scopes?: ModelRequirement;
  readonly roles?: ModelRequirement;
  readonly tenants?: readonly string[];
  readonly issuers?: readonly string[];
  readonly kind?: "user" | "client";
  readonly senderConstrained?: "any" | "mtls" | "dpop";
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  readonly authentication?: {
    readonly contexts?: readonly string[];
    readonly methods?: ModelRequirement;
    readonly maxAge?: number;
  };
  readonly stages?: readonly string[];
  readonly vpcEndpoints?: readonly string[];
  readonly addresses?: readonly string[];
  readonly windows?: readonly Window[];
  readonly encodedPaths?: boolean;
}

/** A requirement has one of the two, never both. */
export type ModelRequirement = { readonly anyOf: readonly string[] } | { readonly allOf: readonly string[] };

export type Window = OnceWindow | RecurringWindow;

export interface OnceWindow {
  readonly notBefore?: string;
  readonly notAfter?: string;
}

export interface RecurringWindow {
  readonly days?: readonly string[];
  readonly from: string;
  readonly until: string;
  readonly timeZone?: string;
}

/** A principal of the code, with the kind `unknown`, which the documentation has. */
export type ModelPrincipal = Omit<Principal, "kind"> & { readonly kind: "user" | "client" | "unknown" };

/** The request for which a policy was made. Times are whole seconds since the epoch. */
export interface ModelDecision {
  readonly time: number;
  /** Absent if API Gateway sends none, as to a TOKEN authorizer. */
  readonly address?: string;
  /** The VPC endpoint, if the request came through one. */
  readonly vpcEndpoint?: string;
  /** Seconds for which API Gateway caches the answer; absent if the authorizer does not know. */
  readonly ttl?: number;
}

/** A request to which the cached policy is served. */
export interface Use {
  readonly time: number;
  readonly address: string;
  readonly vpcEndpoint?: string;
  readonly method: string;
  readonly path: string;
}
