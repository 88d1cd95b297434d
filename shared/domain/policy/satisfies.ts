import type { Requirement } from "../config/common.ts";

/** Whether one list meets a requirement. No requirement is met by every list. */
export function satisfies(requirement: Requirement | undefined, held: readonly string[]): boolean {
  if (!requirement) return true;
  return "allOf" in requirement
    ? requirement.allOf.every((item) => held.includes(item))
    : requirement.anyOf.some((item) => held.includes(item));
}
