import { canonicalRanges, intersectRanges } from "../../shared/domain/address/address-range.ts";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import { MAX_RESULT_LENGTH, type PolicyDocument } from "../../shared/domain/policy/document.ts";
import { PolicyBuilder, type PolicyMethod } from "../../shared/domain/policy/policy-builder.ts";
import { policyEnd } from "../../shared/domain/policy/policy-end.ts";
import { demandOptions, isInstant, mistake, type RuleLimits } from "../../shared/domain/policy/rule-limits.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { resourceFrom } from "../../shared/domain/resource/arn.ts";
import { sourceOf } from "./api-kinds/event-values.ts";

/** Whom a policy is for, and how long it may be served. */
export interface PolicyOptions {
  /** Names the caller in the logs of API Gateway. */
  readonly principalId: string;
  /** Seconds since the epoch: the first second at which the credential is no longer valid. Default: it does not expire. */
  readonly expiresAt?: number;
  /** Seconds for which API Gateway caches the answer; 0 if it does not. Default: 3600, the most that it may. */
  readonly ttl?: number;
  /** IPv4 or IPv6 addresses and CIDR ranges from which the credential may be used. Default: any. */
  readonly addresses?: readonly string[];
  /** Whether the policy holds for the caller's own address only. Default: `true`. */
  readonly bindAddress?: boolean;
  /** Whether the policy explicitly denies what it does not allow. Default: `true`. */
  readonly explicitDeny?: boolean;
  /** Values for the backend. Default: none. */
  readonly context?: Readonly<Record<string, string | number | boolean>>;
  /** Value of an API Gateway API key, for usage plans. Default: none. */
  readonly usageIdentifierKey?: string;
}

/** The answer of an authorizer of a REST, HTTP or WebSocket API. */
export interface PolicyResult {
  readonly principalId: string;
  readonly policyDocument: PolicyDocument;
  readonly context?: Readonly<Record<string, string | number | boolean>>;
  readonly usageIdentifierKey?: string;
}

/** A policy that is written in code, and compiled as those of a configuration are. */
export interface CodePolicy {
  /** Allows a method on a path. `*` stands for any characters, `/` included. */
  allow(method: PolicyMethod, path: string, limits?: RuleLimits): CodePolicy;
  /** Denies a method on a path, in every spelling of it. A denial wins. */
  deny(method: PolicyMethod, path: string, limits?: RuleLimits): CodePolicy;
  /** Allows connecting to a WebSocket API. */
  allowConnect(limits?: RuleLimits): CodePolicy;
  /**
   * Compiles the answer. Without any rule it denies everything.
   *
   * @throws {TroubleError} `policy_too_large` if it exceeds 8 KB
   */
  build(): PolicyResult;
}

/**
 * Begins the policy of a caller for an event of a REST API (TOKEN or REQUEST), an HTTP API or a WebSocket API.
 *
 * @throws {TroubleError} `event_not_supported` for any other event
 * @throws {RangeError} for an `expiresAt` or `ttl` that is no number of seconds
 * @throws {ConfigurationError} for an option that there is not
 */
export function policyFor(event: unknown, options: PolicyOptions): CodePolicy {
  const { methodArn, routeArn, requestContext } = objectOf(event);
  const context = objectOf(requestContext);
  const source = sourceOf(objectOf(context.identity ?? context.http));
  const time = Math.floor(Date.now() / 1000);
  const { principalId, expiresAt, ttl, bindAddress, explicitDeny } = checked(options);
  const end = policyEnd(
    { principals: [{ ...NOBODY, ...(expiresAt !== undefined && { expiresAt: Math.floor(expiresAt) }) }] },
    { time, cache: ttl === undefined ? {} : { ttl } },
    { maxLifetime: 3600 },
  );
  const addresses = boundTo(options.addresses, bindAddress ? source.address : undefined);
  const builder = new PolicyBuilder(
    { resource: resourceFrom(methodArn ?? routeArn), source, time },
    { start: time, end, explicitDeny, ...(addresses && { addresses }) },
  );
  const beside = {
    principalId,
    ...(options.context && { context: options.context }),
    ...(options.usageIdentifierKey !== undefined && { usageIdentifierKey: options.usageIdentifierKey }),
  };
  const policy: CodePolicy = {
    allow(...rule) {
      builder.allow(...rule);
      return policy;
    },
    deny(...rule) {
      builder.deny(...rule);
      return policy;
    },
    allowConnect(...rule) {
      builder.allowConnect(...rule);
      return policy;
    },
    build() {
      const room = MAX_RESULT_LENGTH - Buffer.byteLength(JSON.stringify(beside)) - ',"policyDocument":'.length;
      if (room <= 0) throw new TroubleError("policy_too_large");
      return { ...beside, policyDocument: builder.build(room) };
    },
  };
  return policy;
}

const OPTIONS = [
  ...["principalId", "expiresAt", "ttl", "addresses", "bindAddress", "explicitDeny", "context", "usageIdentifierKey"],
] as const;

/** Code may be JavaScript: what is misspelt, or of another type, would be no limit. */
function checked(options: PolicyOptions): PolicyOptions & { readonly bindAddress: boolean; explicitDeny: boolean } {
  demandOptions(options, OPTIONS);
  const { expiresAt = 0, ttl = 0, addresses = [], bindAddress = true, explicitDeny = true } = options;
  if (![expiresAt, ttl].every(isInstant)) {
    throw new RangeError("expiresAt and ttl are numbers of seconds, not milliseconds.");
  }
  for (const [option, value] of Object.entries({ bindAddress, explicitDeny })) {
    if (typeof value !== "boolean") throw mistake(option, "true or false");
  }
  if (!Array.isArray(addresses)) throw mistake("addresses", "a list");
  return { ...options, bindAddress, explicitDeny };
}

const NOBODY = {
  provider: "",
  subject: "",
  kind: "unknown",
  issuer: "",
  scopes: [],
  roles: [],
  attributes: {},
} as const;

/** The addresses that both allow. Undefined: any. */
function boundTo(own: readonly string[] | undefined, address: string | undefined): readonly string[] | undefined {
  const bound = address === undefined ? undefined : [address];
  if (own === undefined) return bound && intersectRanges(bound, bound);
  return bound ? intersectRanges(own, bound) : canonicalRanges(own);
}
