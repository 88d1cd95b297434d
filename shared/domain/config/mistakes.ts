import type * as v from "valibot";
import { allowedFor, knownOptions } from "./allowed.ts";
import { knownNames } from "./known-names.ts";
import { printable } from "./printable.ts";
import { isForSecrets, mayBeShown } from "./printed-places.ts";

/** One error in a configuration. */
export interface Mistake {
  /** Path of the option, such as `jwt.issuers[0].audience`. */
  readonly path: string;
  /** The value found there, or only its type if the value might be a secret. */
  readonly found: string;
  /** What is allowed there. */
  readonly allowed: string;
  /** Where it stands in the file, if the command line could find it. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number };
}

/** Texts before environment variables were substituted in them, by their paths. */
export type WrittenTexts = ReadonlyMap<string, string>;

type Issue = v.BaseIssue<unknown>;

/**
 * The mistakes of one Valibot issue. For a union, only the alternative that matched deepest is reported: it is most
 * likely the one that the author meant.
 */
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
  const section = issue.path?.at(-1)?.input;
  // Valibot takes a list for an object with numbers for names.
  if (issue.type === "strict_object" && Array.isArray(section)) {
    return [{ path: shownPath(keys.slice(0, -1)), found: `a list of ${section.length}`, allowed: "an object" }];
  }
  const unknown = issue.type === "union" ? unknownNames(issue.input, keys) : [];
  if (unknown.length > 0) return unknown;
  return [
    { path: shownPath(keys) || "(root)", found: foundOf(issue, pathOf(keys), written), allowed: allowedFor(issue) },
  ];
}

/** The members of an object that none of its possible forms has. */
function unknownNames(input: unknown, keys: readonly unknown[]): Mistake[] {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return [];
  const names = knownNames(keys);
  if (names.length === 0) return [];
  return Object.keys(input)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: shownPath([...keys, name]),
      found: "an unknown name",
      allowed: knownOptions(name, names),
    }));
}

function joined(outer: Issue, inner: Issue): Issue["path"] {
  return [...(outer.path ?? []), ...(inner.path ?? [])] as unknown as Issue["path"];
}

/** @example pathOf(["jwt", "issuers", 0]) === "jwt.issuers[0]" */
export function pathOf(keys: readonly unknown[]): string {
  return keys
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
}

/** The path without names that may be secrets: a secret may have been written in place of an option's name. */
export function shownPath(keys: readonly unknown[]): string {
  return pathOf(
    keys.map((key, index) => {
      if (typeof key === "number") return key;
      const isOption = OPTIONS_OF_SECRETS.has(String(key)) || !isForSecrets(pathOf(keys.slice(0, index)));
      return isOption ? (printable(String(key))?.slice(1, -1) ?? "…") : "…";
    }),
  );
}

/** Names of options in the sections that name secrets. */
const OPTIONS_OF_SECRETS: ReadonlySet<string> = new Set([
  ...["keys", "certificate", "id", "secret", "discovery", "jwksUri", "jwks", "kty"],
  ...["client", "clientId", "privateKey", "algorithm", "keyId", "audience", "tls", "key"],
  ...["kms", "encryptionContext", "secretsManager", "field", "ssm", "environment"],
]);

function foundOf(issue: Issue, path: string, written: WrittenTexts): string {
  // The input of a check that `v.forward` moved to a member is still the whole object.
  const last = issue.path?.at(-1);
  const input = last?.origin === "value" ? last.value : issue.input;
  if (issue.type === "strict_object" && issue.expected === "never") return "an unknown name";
  if (input === undefined) return "nothing";
  if (Array.isArray(input)) return `a list of ${input.length}`;
  if (input === null || typeof input === "boolean") return String(input);
  if (typeof input === "number") return isForSecrets(path) ? "a number" : String(input);
  if (typeof input === "object") return objectText(input, path);
  if (typeof input !== "string") return `a ${typeof input}`;
  const isName = last?.origin === "key" && !isForSecrets(path);
  if (!isName && !mayBeShown(path, input)) return "a string";
  const original = written.get(path);
  if (original === undefined || isName) return printable(input) ?? "a string";
  return `${printable(original) ?? "a string"} with its variables filled in`;
}

/** An object by the names in it, where no secret is expected. */
function objectText(input: object, path: string): string {
  const names = isForSecrets(path) ? [] : Object.keys(input).flatMap((name) => printable(name)?.slice(1, -1) ?? []);
  if (names.length === 0) return "an object";
  return `an object with ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}`;
}
