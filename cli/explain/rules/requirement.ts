import type { Requirement } from "../../../shared/domain/config/common.ts";
import { quoted } from "../shown-value.ts";

/** Whether what is held meets a requirement. */
export function satisfies(requirement: Requirement, held: readonly string[]): boolean {
  return "allOf" in requirement
    ? requirement.allOf.every((item) => held.includes(item))
    : requirement.anyOf.some((item) => held.includes(item));
}

/** @example needed({ allOf: ["a", "b"] }, "scope") === 'scopes "a" and "b"' */
export function needed(requirement: Requirement, noun: string): string {
  return "allOf" in requirement ? joined(requirement.allOf, noun, "and") : joined(requirement.anyOf, noun, "or");
}

/** @example oneOf(["a", "b"], "tenant") === 'tenant "a" or "b"' */
export const oneOf = (items: readonly string[], noun: string): string => joined(items, noun, "or");

function joined(items: readonly string[], noun: string, word: "and" | "or"): string {
  const shown = [...new Set(items)].map(quoted);
  const last = shown.at(-1) ?? "";
  const plural = shown.length > 1 && word === "and" ? `${noun}s` : noun;
  return shown.length > 1 ? `${plural} ${shown.slice(0, -1).join(", ")} ${word} ${last}` : `${plural} ${last}`;
}
