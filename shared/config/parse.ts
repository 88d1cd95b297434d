import * as v from "valibot";
import { type Config, configSchema, type SallyportConfig } from "./schema.ts";

/** One thing wrong with a configuration. */
export interface Mistake {
  /** Where: `jwt.issuers[0].audience`. */
  readonly path: string;
  /** What stands there, shortened; never more than its type where a secret might stand. */
  readonly found: string;
  /** What may stand there. */
  readonly allowed: string;
}

/** Every mistake of a configuration at once. Thrown at the start, so that no request is decided by a wrong configuration. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly mistakes: readonly Mistake[];
  constructor(source: string, mistakes: readonly Mistake[]) {
    const lines = mistakes.map(({ path, found, allowed }) => `  ${path}: found ${found}, allowed: ${allowed}`);
    super(`${source} has ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}:\n${lines.join("\n")}`);
    this.mistakes = mistakes;
  }
}

/**
 * Checks a configuration against the schema and fills in the defaults.
 *
 * @param input anything: the default export of `sallyport.config.ts`, or parsed JSON
 * @param source what to call it in the message
 * @throws {ConfigurationError} with every mistake, if there is one
 */
export function parseConfig(input: unknown, source = "the configuration"): Config {
  const result = v.safeParse(configSchema, input);
  if (result.success) return result.output;
  throw new ConfigurationError(source, result.issues.flatMap(mistakesOf));
}

/** Types and completes a configuration in an editor. It is checked when the authorizer starts, and by `sallyport config check`. */
export function defineConfig(config: SallyportConfig): SallyportConfig {
  return config;
}

type Issue = v.BaseIssue<unknown>;

/** The mistakes of one issue. Of a union, the alternative that came furthest tells most: the others are only what else could stand there. */
function mistakesOf(issue: Issue): Mistake[] {
  if (issue.type === "union" && issue.issues?.length) {
    const deepest = Math.max(...issue.issues.map((inner) => inner.path?.length ?? 0));
    const inner = issue.issues.filter((candidate) => (candidate.path?.length ?? 0) === deepest);
    if (deepest > 0 && inner.every((candidate) => candidate.type !== "strict_object")) {
      return inner.flatMap((candidate) => mistakesOf({ ...candidate, path: joined(issue, candidate) } as Issue));
    }
  }
  const path = pathOf(issue);
  return [{ path: path || "(root)", found: foundOf(issue, path), allowed: allowedOf(issue) }];
}

function joined(outer: Issue, inner: Issue): Issue["path"] {
  return [...(outer.path ?? []), ...(inner.path ?? [])] as unknown as Issue["path"];
}

function pathOf(issue: Issue): string {
  return (issue.path ?? [])
    .map((item) => (typeof item.key === "number" ? `[${item.key}]` : `.${String(item.key)}`))
    .join("")
    .replace(/^\./, "");
}

const MAY_HOLD_A_SECRET = /secret|pepper|kms|\.jwks\b/;

function foundOf(issue: Issue, path: string): string {
  // A check of an object that concerns one member is forwarded to it, with the object still as the input.
  const last = issue.path?.at(-1);
  const input = last?.origin === "value" ? last.value : issue.input;
  if (issue.type === "strict_object" && issue.expected === "never") return "an unknown name";
  if (input === undefined) return "nothing";
  if (input === null || typeof input === "boolean" || typeof input === "number") return String(input);
  if (Array.isArray(input)) return `a list of ${input.length}`;
  if (typeof input === "object") return "an object";
  if (typeof input !== "string" || MAY_HOLD_A_SECRET.test(path)) return `a ${typeof input}`;
  return JSON.stringify(input.length > 60 ? `${input.slice(0, 60)}…` : input);
}

function allowedOf(issue: Issue): string {
  // A message of the schema's own says it best.
  if (!issue.message.startsWith("Invalid ")) return issue.message;
  if (issue.type === "min_length") return Array.isArray(issue.input) ? "one item or more" : "text that is not empty";
  if (issue.kind === "schema") {
    return issue.type === "strict_object" && issue.expected === "never"
      ? "no such name here"
      : (issue.expected ?? issue.message);
  }
  return issue.expected ?? issue.message;
}
