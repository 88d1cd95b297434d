import * as v from "valibot";
import { allowedOf } from "../../../shared/domain/config/allowed.ts";
import { printable } from "../../../shared/domain/config/printable.ts";
import { invalid, type RequestMistake } from "../http/problem.ts";

/** Mistakes that an answer lists. */
const LISTED = 32;

/**
 * A value as its schema reads it.
 *
 * @param place of the value in the request
 * @throws {ProblemError} with every mistake, up to 32
 */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  place: RequestMistake["in"] = "body",
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw invalid(...result.issues.slice(0, LISTED).map((issue) => mistakeOf(issue, place, schema)));
}

function mistakeOf(issue: v.BaseIssue<unknown>, place: RequestMistake["in"], schema: v.GenericSchema): RequestMistake {
  const keys = (issue.path ?? []).map(({ key }) => key);
  const field = place === "body" ? pointerOf(keys) : String(keys[0] ?? "");
  if (issue.type === "strict_object" && issue.expected === "never") {
    const names = "entries" in schema ? Object.keys(Object(schema.entries)) : [];
    const allowed = names.length > 0 ? `only these: ${names.join(", ")}` : "no member";
    return { in: place, field: shown(field), found: "an unknown name", allowed };
  }
  return mistakeIn(
    place,
    shown(field),
    issue.path?.at(-1)?.origin === "key" ? undefined : issue.input,
    allowedOf(issue),
  );
}

/** A mistake about a value, of which only the form is told: it may be a secret in the wrong place. */
export const mistakeIn = (
  place: RequestMistake["in"],
  field: string,
  value: unknown,
  allowed: string,
): RequestMistake => ({ in: place, field, found: formOf(value), allowed });

function formOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return "a number";
  if (typeof value === "string") return `text of ${[...value].length} characters`;
  return Array.isArray(value) ? `a list of ${value.length}` : "an object";
}

/** RFC 6901. */
const pointerOf = (keys: readonly unknown[]) =>
  keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** A name that somebody wrote may be a secret too. */
export const shown = (field: string) => (printable(field) === undefined ? "…" : field);
