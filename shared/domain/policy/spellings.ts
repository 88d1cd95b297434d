import { overlaps } from "../resource/pattern.ts";
import type { Grant, RoutePattern } from "./grant.ts";

/**
 * Denials of other spellings. A path may stand in the ARN as it was sent, decoded once or decoded twice, and a
 * backend may resolve what is left: where a wildcard allows whatever looks like a path, a denial by the path's plain
 * spelling could be walked around ("Paths and spellings" in docs/policy.md). IAM's patterns cannot normalise, so that
 * what is not plain is denied there altogether.
 */

/** Spellings that are never plain, behind the literal start of a wildcard. */
const UNRESOLVED = ["*//*", "*/./*", "*/.", "*\\*"];

/** Spellings that an identifier may need. */
const ENCODED = ["*%*", "*;*", "*#*", "* *"];

/**
 * Dot segments, plain or encoded however often (what is encoded twice has an encoded `%` in it): they lead from under
 * a wildcard to any other path. No rule allows them, and no path of the configuration has them.
 */
export const CLIMBING = ["*..*", "*%2e*", "*%2E*", "*%25*"];

/** Whether a path as it stands in an ARN may lead up and out of the path that it begins with. */
export const climbs = (path: string) => /\.\.|%2e|%25/i.test(path);

/**
 * The grants, with the denying ones extended by the spellings under which the allowing ones would let their paths
 * through.
 */
export function withSpellings(grants: readonly Grant[]): Grant[] {
  const allowed = grants.filter(({ effect }) => effect === "allow").flatMap(({ routes }) => routes);
  const wildcards = allowed.filter(({ path }) => path.includes("*"));
  const everyMethod = allowed.some(({ method }) => method === "*");
  return grants.map((grant) => (grant.effect === "deny" ? extended(grant, wildcards, everyMethod) : grant));
}

function extended(denial: Grant, wildcards: readonly RoutePattern[], everyMethod: boolean): Grant {
  const spellings = new Set<string>();
  for (const wildcard of wildcards) {
    const facing = denial.routes.filter((route) => shareMethod(route, wildcard));
    if (facing.some(({ path }) => overlaps(path, wildcard.path)))
      for (const spelling of spellingsBelow(wildcard)) spellings.add(spelling);
  }
  const routes = denial.routes.map((route) => (route.any && everyMethod ? { ...route, method: "*" } : route));
  return { ...denial, routes: [...routes, ...[...spellings].map((path) => ({ method: "*", path }))] };
}

/** Patterns of every spelling below a wildcard that is not plain. */
export function spellingsBelow({ path, encoded }: RoutePattern): string[] {
  const start = path.slice(0, path.indexOf("*")).replace(/\/$/, "");
  // The root is the one path that ends with a slash and is plain.
  const trailing = start === "" ? "/*/" : "*/";
  return [...UNRESOLVED, trailing, ...(encoded ? [] : ENCODED)].map((ending) => start + ending);
}

/** A denial of every method is of every path, so that no other spelling can get around it. */
const shareMethod = (denied: RoutePattern, wildcard: RoutePattern) =>
  denied.method === wildcard.method || wildcard.method === "*";
