import { knownOptions } from "../config/allowed.ts";
import { ConfigurationError } from "../config/configuration-error.ts";
import type { Interval } from "../time/interval.ts";

/** Limits of one rule of a policy. */
export interface RuleLimits {
  /** Seconds since the epoch: the first instant at which the rule holds. */
  readonly notBefore?: number;
  /** Seconds since the epoch: the first instant at which it no longer holds. */
  readonly notAfter?: number;
  /** IPv4 or IPv6 addresses and CIDR ranges from which it holds. */
  readonly addresses?: readonly string[];
  /** VPC endpoints through which it holds. */
  readonly vpcEndpoints?: readonly string[];
  /** Whether paths below a wildcard may be percent-encoded even where a denial overlaps it. Only for `allow`. */
  readonly encodedPaths?: true;
}

const NAMES = [
  "notBefore",
  "notAfter",
  "addresses",
  "vpcEndpoints",
  "encodedPaths",
] as const satisfies readonly (keyof RuleLimits)[];

/** 9999-12-31T23:59:59Z. A later time is probably in milliseconds by mistake, and would be no limit. */
const LATEST = 253_402_300_799;

/**
 * The options of a rule of the configuration that limits are written as. What no limit is called is refused, also where
 * a rule of a configuration has an option of that name: whoever writes it means a limit, and it would be none here.
 *
 * @throws {ConfigurationError}
 */
export function limitsOf(limits: RuleLimits): object {
  demandOptions(limits, NAMES);
  const { notBefore, notAfter, addresses, vpcEndpoints, encodedPaths } = limits;
  for (const [option, value] of Object.entries({ notBefore, notAfter })) {
    if (value !== undefined && !isInstant(value)) throw mistake(option, "seconds since the epoch, not milliseconds");
  }
  return { addresses, vpcEndpoints, encodedPaths };
}

/** Whether a value is a time in seconds since the epoch. Code may be JavaScript, and hand over anything. */
export const isInstant = (value: unknown): value is number =>
  typeof value === "number" && value >= 0 && value <= LATEST;

/**
 * When a rule holds within a period, in whole seconds: an allowing rule no second too long, a denying one none too
 * short.
 *
 * @returns an empty list for never
 */
export function intervalsOf(
  effect: "allow" | "deny",
  { notBefore, notAfter }: RuleLimits,
  { start, end }: Interval,
): Interval[] {
  const [first, last] = effect === "allow" ? [Math.ceil, Math.floor] : [Math.floor, Math.ceil];
  const interval = { start: Math.max(start, first(notBefore ?? start)), end: Math.min(end, last(notAfter ?? end)) };
  return interval.start < interval.end ? [interval] : [];
}

/**
 * Refuses an option by another name, and what is no plain object: a `Date` or a number has no options.
 *
 * @throws {ConfigurationError}
 */
export function demandOptions(options: object, names: readonly string[]): void {
  // By its tag: a plain object may be from another realm.
  if (Object.prototype.toString.call(options) !== "[object Object]")
    throw mistake("(root)", "an object", "another value");
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw mistake(unknown, knownOptions(unknown, names), "an unknown name");
}

export const mistake = (path: string, allowed: string, found = "another value") =>
  new ConfigurationError("the policy", [{ path, found, allowed }]);
