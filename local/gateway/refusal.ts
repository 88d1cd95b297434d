import type { Evaluation } from "../../iam/evaluate.ts";
import type { GatewaySettings } from "./settings.ts";
import type { Decision } from "./trail.ts";

/**
 * Whether an authorizer's error means that it refuses the caller (401). Any other error means that it has failed (500).
 */
export function isUnauthorized(error: string, { unauthorizedInAnyCase }: GatewaySettings): boolean {
  return unauthorizedInAnyCase ? error.toLowerCase() === "unauthorized" : error === "Unauthorized";
}

/** The outcome and the reason of a request whose authorizer threw an error. The error's text may hold anything. */
export function endOf({ outcome }: Decision, isRefusal: boolean): [outcome: string, reason: string] {
  if (isRefusal) return ["unauthenticated", "the authorizer's answer"];
  return [outcome === "unavailable" ? outcome : "error", "the authorizer failed"];
}

/** The reason of a request whose authorizer gave an output that the gateway does not accept. */
export const OUTPUT_REFUSED = "the authorizer's output is not accepted";

/** The reason of a request that the authorizer's policy does not allow. */
export const NOT_IN_POLICY = "not in the policy: route, address or time";

/** The message of a 403 for a caller whom the authorizer's policy denies. */
export function denialMessage(effect: Evaluation["effect"], { denialWording }: GatewaySettings): string {
  const explicit = effect === "explicit-deny";
  const current = explicit
    ? " with an explicit deny in an identity-based policy"
    : " because no identity-based policy allows the execute-api:Invoke action";
  const old = explicit ? " with an explicit deny" : "";
  return `User is not authorized to access this resource${denialWording === "current" ? current : old}`;
}
