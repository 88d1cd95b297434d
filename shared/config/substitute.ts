import type { Mistake } from "./parse.ts";

const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/**
 * Puts environment variables in place of `${NAME}` in every text of a JSON value, so that one configuration serves several stages.
 * A variable that is not set is a mistake: nothing is ever replaced by nothing.
 */
export function substituteEnvironment(
  json: unknown,
  environment: NodeJS.ProcessEnv,
): { value: unknown; mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const walk = (value: unknown, path: string): unknown => {
    if (typeof value === "string") {
      return value.replace(VARIABLE, (whole, name: string) => {
        const found = environment[name];
        if (found === undefined || found === "") {
          mistakes.push({ path, found: whole, allowed: `an environment variable that is set; ${name} is not` });
        }
        return found ?? "";
      });
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, `${path}[${index}]`));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, walk(item, path ? `${path}.${key}` : key)]);
    return Object.fromEntries(entries);
  };
  return { value: walk(json, ""), mistakes };
}
