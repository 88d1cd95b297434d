import type * as v from "valibot";
import { nearestName } from "../nearest-name.ts";
import { knownNames } from "./known-names.ts";

type Issue = v.BaseIssue<unknown>;

/** What is allowed at the place of an issue, and the nearest of it where it is one of several names. */
export function allowedFor(issue: Issue): string {
  const keys = (issue.path ?? []).map((item) => item.key);
  if (issue.type === "strict_object" && issue.expected === "never") {
    return knownOptions(String(keys.at(-1)), knownNames(keys.slice(0, -1)));
  }
  const names = [...(issue.expected ?? "").matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
  const isOneOf = issue.type === "picklist" || issue.type === "literal";
  const nearest = isOneOf && typeof issue.input === "string" ? nearestName(issue.input, names) : undefined;
  return nearest ? `${allowedOf(issue)}; did you mean "${nearest}"?` : allowedOf(issue);
}

/** Valibot's names of types in our words. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ Array: "a list", Object: "an object", string: "text", number: "a number", boolean: "true or false" },
};

/** Says which names there are, or the one that is probably meant. */
export function knownOptions(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest ? `only known options; did you mean ${nearest}?` : `only known options: ${names.join(", ")}`;
}

/** What is allowed at the place of an issue. It repeats nothing of the value found there. */
export function allowedOf(issue: Issue): string {
  // Our own messages say what is allowed. Valibot's default messages repeat the value.
  if (!issue.message.startsWith("Invalid ")) return issue.message;
  if (issue.type === "min_length") return Array.isArray(issue.input) ? "one item or more" : "text that is not empty";
  if (issue.type === "strict_object" && issue.expected === "never") return "only known options";
  if (issue.type === "strict_object" && issue.input === undefined) return "a value: this option is required";
  return WORDS[issue.expected ?? ""] ?? issue.expected ?? "another value";
}
