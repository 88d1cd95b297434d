import { overlap } from "./glob.ts";
import type { Rule } from "./types.ts";

export type Methods = Rule["methods"];

/** An allowing rule that applies, with its paths for this caller. */
export interface ModelGrant {
  readonly rule: Rule;
  readonly paths: readonly string[];
  /** When the one signed in whose authentication the rule asks for, if it asks when. */
  readonly signedIn?: number | undefined;
}

const ANY = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/** Method and path of a rule as patterns for the part of an ARN after the stage: `GET/admin/*`. */
export function anchored(methods: Methods, paths: readonly string[]): string[] {
  return paths.flatMap((path) => namesOf(methods).map((method) => `${method}${path}`));
}

/** The same for an allowing rule, where `ANY` with `/*` also allows methods that `ANY` does not list. */
export function granted({ rule, paths }: ModelGrant): string[] {
  return paths.flatMap((path) => (isOpen(rule, path) ? [`*${path}`] : anchored(rule.methods, [path])));
}

/** What a denying rule denies in addition (the first two points of "Paths and spellings" in docs/policy.md). */
export function spellings(methods: Methods, denied: readonly string[], grants: readonly ModelGrant[]): string[] {
  const paths = new Set<string>();
  for (const { rule, paths: allowed } of grants) {
    for (const wildcard of allowed.filter((path) => path.includes("*"))) {
      if (!shareMethod(methods, rule, wildcard)) continue;
      const overlapping = denied.filter((path) => overlap(path, wildcard));
      // 1. Other spellings are denied below the wildcard.
      if (overlapping.length > 0) for (const path of below(wildcard, rule.encodedPaths === true)) paths.add(path);
      // 2. ANY denies every method on a path that overlaps an allowing ANY /*.
      if (methods === "ANY" && isOpen(rule, wildcard)) for (const path of overlapping) paths.add(path);
    }
  }
  // `*` in place of the method, for every method. It may also match the slash after it.
  return [...paths].map((path) => `*${path}`);
}

/** 3. No allowed path contains dot segments, plain or encoded. */
export function climbs(path: string): boolean {
  return ["..", "%2e", "%2E", "%25"].some((text) => path.includes(text));
}

function below(wildcard: string, encodedPaths: boolean): string[] {
  const z = wildcard.slice(0, wildcard.indexOf("*")).replace(/\/$/, "");
  const trailing = z === "" ? "/*/" : `${z}*/`;
  const encoded = [`${z}*%*`, `${z}*;*`, `${z}*#*`, `${z}* *`];
  const others = [`${z}*//*`, `${z}*/./*`, `${z}*/../*`, `${z}*/.`, `${z}*/..`, trailing, `${z}*\\*`];
  return encodedPaths ? others : [...encoded, ...others];
}

function shareMethod(methods: Methods, allowing: Rule, path: string): boolean {
  return isOpen(allowing, path) || namesOf(methods).some((method) => namesOf(allowing.methods).includes(method));
}

function isOpen(rule: Rule, path: string): boolean {
  return rule.methods === "ANY" && path === "/*";
}

function namesOf(methods: Methods): readonly string[] {
  return methods === "ANY" ? ANY : methods;
}
