import { type Mistake, pathOf, shownPath, type WrittenTexts } from "../../domain/config/mistakes.ts";

const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/** A configuration after its environment variables were substituted. */
export interface Substituted {
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  /** The texts before the substitution, so that no message shows the value of a variable. */
  readonly written: WrittenTexts;
}

/**
 * Replaces `${NAME}` by an environment variable in every text of a JSON value, so that several stages can use the same
 * configuration. A variable that is empty or not set is a mistake.
 */
export function substituteEnvironment(json: unknown, environment: NodeJS.ProcessEnv): Substituted {
  const mistakes: Mistake[] = [];
  const written = new Map<string, string>();
  const substitute = (text: string, keys: readonly unknown[]): string =>
    text.replace(VARIABLE, (whole, name: string) => {
      const found = environment[name];
      if (found === undefined || found === "") {
        const allowed = `an environment variable that is set; ${name} is not`;
        mistakes.push({ path: shownPath(keys), found: whole, allowed });
      }
      written.set(pathOf(keys), text);
      return found ?? "";
    });
  const walk = (value: unknown, keys: readonly unknown[]): unknown => {
    if (typeof value === "string") return substitute(value, keys);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...keys, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...keys, key])]));
  };
  return { value: walk(json, []), mistakes, written };
}
