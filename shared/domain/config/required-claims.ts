import * as v from "valibot";
import { matchesText } from "../text/text-pattern.ts";
import { oneOrMore, text } from "./common.ts";

/** A pattern of a text: `shared/domain/text/text-pattern.ts`. */
export const textPattern = v.pipe(
  text,
  v.check(
    (pattern) => !pattern.includes("**"),
    "a pattern with single '*', each for any characters but '/' and ':' (name the parts one by one)",
  ),
);

const requiredClaim = v.union(
  [
    v.string(),
    v.boolean(),
    v.number(),
    v.array(v.string()),
    v.strictObject({
      /**
       * A pattern, or a list of them, one of which the whole text must match. `*` stands for any characters, also none,
       * but for `/` and `:`; every other character stands for itself.
       *
       * @example "repo:acme/*:ref:refs/heads/main"
       */
      like: oneOrMore(textPattern),
    }),
  ],
  "a value, a list of texts, or { like: PATTERN }",
);

/** Values or patterns of claims, by the claims' names. */
const claims = v.record(text, requiredClaim);

type Claims = typeof claims;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface RequiredClaimsSchema extends Claims {}
export const requiredClaims: RequiredClaimsSchema = claims;

/** What one claim must be. */
export type RequiredClaim = string | boolean | number | readonly string[] | { readonly like: readonly string[] };
export type RequiredClaims = Readonly<Record<string, RequiredClaim>>;

/** Whether a claim, or one item of a claim that is a list, has a value that is required. */
export function isRequiredValue(claim: unknown, required: RequiredClaim): boolean {
  const found: readonly unknown[] = [claim].flat();
  const { like } = patternsOf(required);
  if (!like) return acceptedValues(required).some((value) => found.includes(value));
  return found.some((value) => typeof value === "string" && like.some((pattern) => matchesText(pattern, value)));
}

/** The values, or the patterns, of which a claim needs one. */
export function acceptedValues(required: RequiredClaim): readonly (string | boolean | number)[] {
  const { like } = patternsOf(required);
  return like ?? ([required].flat() as (string | boolean | number)[]);
}

function patternsOf(required: RequiredClaim): { readonly like?: readonly string[] } {
  return typeof required === "object" && "like" in required ? required : {};
}
