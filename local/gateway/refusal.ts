import type { Evaluation } from "../../iam/evaluate.ts";
import type { GatewaySettings } from "./settings.ts";

/** Whether an authorizer's error is the one by which it refuses a caller; any other is a failure. */
export function isUnauthorized(error: string, { unauthorizedInAnyCase }: GatewaySettings): boolean {
  return unauthorizedInAnyCase ? error.toLowerCase() === "unauthorized" : error === "Unauthorized";
}

/** What a caller is told whom the authorizer's policy does not let through. */
export function denialMessage(effect: Evaluation["effect"], { denialWording }: GatewaySettings): string {
  const explicit = effect === "explicit-deny";
  const current = explicit
    ? " with an explicit deny in an identity-based policy"
    : " because no identity-based policy allows the execute-api:Invoke action";
  const old = explicit ? " with an explicit deny" : "";
  return `User is not authorized to access this resource${denialWording === "current" ? current : old}`;
}
