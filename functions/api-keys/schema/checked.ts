import * as v from "valibot";
import { allowedOf } from "../../../shared/domain/config/allowed.ts";
import { printable } from "../../../shared/domain/config/printable.ts";
import { nearestName } from "../../../shared/domain/nearest-name.ts";
import { isObject } from "../../../shared/domain/object/unknown-object.ts";
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
  // Of several unknown names the schema tells the first alone.
  const others = result.issues.filter((issue) => !isUnknownName(issue) || issue.path?.length !== 1);
  const mistakes = [
    ...unknownNames(schema, value).map((name) => unknownName(name, place, schema)),
    ...others.map((issue) => mistakeOf(issue, place, value)),
  ];
  throw invalid(...mistakes.slice(0, LISTED));
}

const namesIn = (schema: v.GenericSchema): string[] => ("entries" in schema ? Object.keys(Object(schema.entries)) : []);

function unknownNames(schema: v.GenericSchema, value: unknown): string[] {
  if (schema.type !== "strict_object" || !isObject(value)) return [];
  const known = namesIn(schema);
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .slice(0, LISTED);
}

const isUnknownName = (issue: v.BaseIssue<unknown>) => issue.type === "strict_object" && issue.expected === "never";

function unknownName(name: string, place: RequestMistake["in"], schema: v.GenericSchema): RequestMistake {
  const known = namesIn(schema);
  const nearest = nearestName(name, known);
  const only = known.length > 0 ? `only these: ${known.join(", ")}` : "no member";
  const allowed = nearest === undefined ? only : `${only}. Did you mean ${nearest}?`;
  return { in: place, field: shown(place === "body" ? pointerOf([name]) : name), found: "an unknown name", allowed };
}

function mistakeOf(issue: v.BaseIssue<unknown>, place: RequestMistake["in"], whole: unknown): RequestMistake {
  const keys = (issue.path ?? []).map(({ key }) => key);
  const field = shown(place === "body" ? pointerOf(keys) : String(keys[0] ?? ""));
  const isMissing = issue.type === "strict_object" && issue.input === undefined;
  if (isMissing) return mistakeIn(place, field, undefined, "a value: this is required");
  if (issue.path?.at(-1)?.origin === "key") return { in: place, field, found: "this name", allowed: allowedOf(issue) };
  // A parameter is a text, whatever its schema has made of it.
  const found = place === "query" && isObject(whole) ? whole[field] : issue.input;
  return mistakeIn(place, field, found, allowedOf(issue));
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
  if (typeof value === "string") return lengthText([...value].length);
  return Array.isArray(value) ? `a list of ${value.length}` : "an object";
}

const lengthText = (length: number) => `text of ${length} ${length === 1 ? "character" : "characters"}`;

/** RFC 6901. */
const pointerOf = (keys: readonly unknown[]) =>
  keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** A name that somebody wrote may be a secret too. */
export const shown = (field: string) => (printable(field) === undefined ? "…" : field);
