import type * as v from "valibot";
import { printable } from "./printable.ts";
import { isForSecrets, mayBeShown } from "./printed-places.ts";

/** One thing wrong with a configuration. */
export interface Mistake {
  /** Where: `jwt.issuers[0].audience`. */
  readonly path: string;
  /** What stands there, if no secret can be meant; otherwise its type. */
  readonly found: string;
  /** What may stand there. */
  readonly allowed: string;
}

/** Texts as they were written, by their paths, where a variable's value now stands in them. */
export type WrittenTexts = ReadonlyMap<string, string>;

type Issue = v.BaseIssue<unknown>;

/** The mistakes of one issue. Of a union, the alternative that came furthest tells most: the others are only what else could stand there. */
export function mistakesOf(issue: Issue, written: WrittenTexts): Mistake[] {
  if (issue.type === "union" && issue.issues?.length) {
    const deepest = Math.max(...issue.issues.map((inner) => inner.path?.length ?? 0));
    const inner = issue.issues.filter((candidate) => (candidate.path?.length ?? 0) === deepest);
    if (deepest > 0 && inner.every((candidate) => candidate.type !== "strict_object")) {
      return inner.flatMap((candidate) =>
        mistakesOf({ ...candidate, path: joined(issue, candidate) } as Issue, written),
      );
    }
  }
  const keys = (issue.path ?? []).map((item) => item.key);
  return [
    { path: shownPath(keys) || "(root)", found: foundOf(issue, pathOf(keys), written), allowed: allowedOf(issue) },
  ];
}

function joined(outer: Issue, inner: Issue): Issue["path"] {
  return [...(outer.path ?? []), ...(inner.path ?? [])] as unknown as Issue["path"];
}

/** The path of nested names and indexes as mistakes have it. */
export function pathOf(keys: readonly unknown[]): string {
  return keys
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
}

/** The same without names that may be a secret, or hold one: somebody may have put it in place of a name. */
export function shownPath(keys: readonly unknown[]): string {
  return pathOf(
    keys.map((key, index) => {
      if (typeof key === "number") return key;
      const isOption = OPTIONS_OF_SECRETS.has(String(key)) || !isForSecrets(pathOf(keys.slice(0, index)));
      return isOption ? (printable(String(key))?.slice(1, -1) ?? "…") : "…";
    }),
  );
}

/** The names that the sections for secrets have. */
const OPTIONS_OF_SECRETS: ReadonlySet<string> = new Set([
  ...["keys", "certificate", "id", "secret", "discovery", "jwksUri", "jwks", "kty"],
  ...["kms", "encryptionContext", "secretsManager", "field", "ssm", "environment"],
]);

function foundOf(issue: Issue, path: string, written: WrittenTexts): string {
  // A check of an object that concerns one member is forwarded to it, with the object still as the input.
  const last = issue.path?.at(-1);
  const input = last?.origin === "value" ? last.value : issue.input;
  if (issue.type === "strict_object" && issue.expected === "never") return "an unknown name";
  if (input === undefined) return "nothing";
  if (Array.isArray(input)) return `a list of ${input.length}`;
  if (input === null || typeof input === "boolean") return String(input);
  if (typeof input === "number") return isForSecrets(path) ? "a number" : String(input);
  if (typeof input === "object") return "an object";
  if (typeof input !== "string") return `a ${typeof input}`;
  const isName = last?.origin === "key" && !isForSecrets(path);
  if (!isName && !mayBeShown(path, input)) return "a string";
  const original = written.get(path);
  if (original === undefined || isName) return printable(input) ?? "a string";
  return `${printable(original) ?? "a string"} with its variables filled in`;
}

/** What may stand where an issue is, without anything of what stands there. */
export function allowedOf(issue: Issue): string {
  // A message of the schema's own says it best; Valibot's own messages show what they received.
  if (!issue.message.startsWith("Invalid ")) return issue.message;
  if (issue.type === "min_length") return Array.isArray(issue.input) ? "one item or more" : "text that is not empty";
  if (issue.type === "strict_object" && issue.expected === "never") return "no such name here";
  return issue.expected ?? "another value";
}
