import * as v from "valibot";
import { ConfigurationError } from "../config/configuration-error.ts";
import { mistakesOf } from "../config/mistakes.ts";
import { type METHODS, type RouteRule, routeRule } from "../config/routes.ts";
import { TroubleError } from "../reasons/errors.ts";
import type { Interval } from "../time/interval.ts";
import type { RouteRequest } from "./covers-request.ts";
import { MAX_RESULT_LENGTH, type PolicyDocument } from "./document.ts";
import { fillPath } from "./fill-path.ts";
import { fitPolicy } from "./fit.ts";
import type { Grant } from "./grant.ts";
import { grantOf } from "./grants.ts";
import { intervalsOf, limitsOf, mistake, type RuleLimits } from "./rule-limits.ts";
import { withSpellings } from "./spellings.ts";

export type PolicyMethod = (typeof METHODS)[number] | "ANY";

/** What holds for a policy as a whole. */
export interface PolicyLimits extends Interval {
  /** CIDRs from which it holds. Absent: any. */
  readonly addresses?: readonly string[];
  readonly explicitDeny: boolean;
}

/** Collects rules and compiles them as the authorizer compiles those of a configuration. */
export class PolicyBuilder {
  readonly #request: RouteRequest;
  readonly #limits: PolicyLimits;
  readonly #grants: Grant[] = [];

  constructor(request: RouteRequest, limits: PolicyLimits) {
    this.#request = request;
    this.#limits = limits;
  }

  /**
   * Allows a method on a path. `*` in the path stands for any characters, `/` included, as in IAM.
   *
   * @throws {ConfigurationError} for a method, path or limit that no rule may have
   */
  allow(method: PolicyMethod, path: string, limits: RuleLimits = {}): this {
    return this.#add("allow", routesOf(method, path), limits);
  }

  /** Denies a method on a path, in every spelling of it. A denial wins. */
  deny(method: PolicyMethod, path: string, limits: RuleLimits = {}): this {
    return this.#add("deny", routesOf(method, path), limits);
  }

  /** Allows connecting to a WebSocket API. */
  allowConnect(limits: RuleLimits = {}): this {
    return this.#add("allow", { webSocket: true }, limits);
  }

  /**
   * Compiles the policy. If windows do not fit, it ends earlier.
   *
   * @param room bytes that it may have
   * @throws {TroubleError} `policy_too_large`
   */
  build(room: number = MAX_RESULT_LENGTH): PolicyDocument {
    const { end, addresses, explicitDeny } = this.#limits;
    const bounds = { end, explicitDeny, ...(addresses && { addresses }) };
    const policy = fitPolicy(this.#request, withSpellings(this.#grants), bounds, () => room);
    if (Buffer.byteLength(JSON.stringify(policy)) > room) throw new TroubleError("policy_too_large");
    return policy;
  }

  #add(effect: RouteRule["effect"], what: object, limits: RuleLimits): this {
    const rule = checked({ ...limitsOf(limits), name: `rule-${this.#grants.length + 1}`, effect, ...what });
    const isLimited = limits.notBefore !== undefined || limits.notAfter !== undefined;
    this.#grants.push({
      ...grantOf({ rule, paths: rule.paths ?? [], state: "open" }),
      ...(isLimited && { intervals: intervalsOf(effect, limits, this.#limits) }),
    });
    return this;
  }
}

/**
 * A value as one segment of a path. Put nothing else that a caller may choose into a path: `*` would stand for
 * everything, and `/` for another resource.
 *
 * @throws {RangeError} for a value that is no usable segment: 1 to 128 letters, digits and `._~:@!,=+-`
 */
export function pathSegment(value: string): string {
  const party = [
    { provider: "", subject: value, kind: "unknown", issuer: "", scopes: [], roles: [], attributes: {} },
  ] as const;
  const segment = fillPath("{subject}", party);
  if (segment === undefined) throw new RangeError("The value is no usable path segment.");
  return segment;
}

const routesOf = (method: PolicyMethod, path: string) => ({
  methods: method === "ANY" ? "ANY" : [method],
  paths: [path],
});

/** The rule, if a configuration could have it and it has no placeholders: there is nobody here to fill them. */
function checked(written: object): RouteRule {
  const { success, output, issues } = v.safeParse(routeRule, written);
  if (!success) {
    const mistakes = issues.flatMap((issue) => mistakesOf(issue, new Map()));
    throw new ConfigurationError("the policy", mistakes);
  }
  if (output.paths?.some((path) => path.includes("{"))) throw mistake("paths", "a path without placeholders");
  return output;
}
