import * as v from "valibot";
import { isHiddenName } from "../principal/context-keys.ts";
import type { Mistake } from "./mistakes.ts";
import { type Config, configSchema } from "./schema.ts";

/** A configuration with its defaults in place, or what is wrong with it. */
export type Checked =
  | { readonly config: Config }
  | { readonly mistakes: readonly Mistake[]; readonly issues: readonly v.BaseIssue<unknown>[] };

/**
 * Checks a configuration against the schema and fills in the defaults. That its time zones exist is for `parseConfig`
 * to see: to ask Node takes longer than everything else of a start.
 *
 * @param input anything: the default export of `sallyport.config.ts`, or parsed JSON
 */
export function checkConfig(input: unknown): Checked {
  const mistakes = hiddenNames(input);
  const result = v.safeParse(configSchema, input);
  if (result.success && mistakes.length === 0) return { config: result.output };
  return { mistakes, issues: result.issues ?? [] };
}

/**
 * Members whose names every object has anyway: the schema passes them over, and what they ask for would not be looked
 * at.
 */
function hiddenNames(value: unknown, path = ""): Mistake[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = Array.isArray(value) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    return isHiddenName(name)
      ? [{ path: own, found: "a name that every object has", allowed: "another name" }]
      : hiddenNames(member, own);
  });
}
