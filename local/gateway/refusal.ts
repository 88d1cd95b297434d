import type { Evaluation } from "../../iam/evaluate.ts";
import type { GatewaySettings } from "./settings.ts";

/**
 * Whether an authorizer's error means that it refuses the caller (401). Any other error means that it has failed (500).
 */
export function isUnauthorized(error: string, { unauthorizedInAnyCase }: GatewaySettings): boolean {
  return unauthorizedInAnyCase ? error.toLowerCase() === "unauthorized" : error === "Unauthorized";
}

/** The message of a 403 for a caller whom the authorizer's policy denies. */
export function denialMessage(effect: Evaluation["effect"], { denialWording }: GatewaySettings): string {
  const explicit = effect === "explicit-deny";
  const current = explicit
    ? " with an explicit deny in an identity-based policy"
    : " because no identity-based policy allows the execute-api:Invoke action";
  const old = explicit ? " with an explicit deny" : "";
  return `User is not authorized to access this resource${denialWording === "current" ? current : old}`;
}
