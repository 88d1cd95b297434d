import type { RestApi, Route } from "./api.ts";
import { type GatewayRequest, valuesOf } from "./request.ts";
import type { Failure } from "./rest/failure.ts";

/** An API key of a usage plan: requests a second with a burst, and a quota. */
export interface PlannedKey {
  readonly value: string;
  readonly enabled?: boolean;
  /** Requests a second. */
  readonly rate?: number;
  readonly burst?: number;
  /** Limit of requests while the gateway runs. */
  readonly quota?: number;
}

const FORBIDDEN: Failure = { type: "INVALID_API_KEY", message: "Forbidden" };

/**
 * Usage plans of REST APIs (API Gateway developer guide, "Usage plans and API keys"). A method that requires a key
 * takes it from `X-API-Key`, or from the authorizer's `usageIdentifierKey` if the API's key source is AUTHORIZER. A
 * token bucket limits the rate.
 */
export class UsagePlans {
  readonly #keys: ReadonlyMap<string, PlannedKey>;
  readonly #buckets = new Map<string, { tokens: number; at: number; used: number }>();

  constructor(keys: readonly PlannedKey[] = []) {
    this.#keys = new Map(keys.map((key) => [key.value, key]));
  }

  /**
   * Counts a request against the plan of its key.
   *
   * @returns the reason of a refusal; undefined if the request may pass
   */
  check(api: RestApi, route: Route, request: GatewayRequest, identifier: string | undefined): Failure | undefined {
    if (!route.apiKeyRequired) return undefined;
    const value = api.apiKeySource === "AUTHORIZER" ? identifier : valuesOf(request.headers, "x-api-key").at(-1);
    const key = value === undefined ? undefined : this.#keys.get(value);
    if (!key || key.enabled === false) return FORBIDDEN;
    const { rate = Number.POSITIVE_INFINITY, burst = rate, quota = Number.POSITIVE_INFINITY } = key;
    const bucket = this.#buckets.get(key.value) ?? { tokens: burst, at: request.time, used: 0 };
    const gained = Number.isFinite(rate) ? ((request.time - bucket.at) / 1000) * rate : burst;
    const tokens = Math.min(burst, bucket.tokens + gained);
    this.#buckets.set(key.value, { tokens, at: request.time, used: bucket.used });
    if (bucket.used >= quota) return { type: "QUOTA_EXCEEDED", message: "Limit Exceeded" };
    if (tokens < 1) return { type: "THROTTLED", message: "Too Many Requests" };
    this.#buckets.set(key.value, { tokens: tokens - 1, at: request.time, used: bucket.used + 1 });
    return undefined;
  }
}
