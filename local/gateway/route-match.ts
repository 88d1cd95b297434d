import type { Route } from "./api.ts";

/** A route that matches a request, with the values of its path's `{parameters}`. */
export interface MatchedRoute {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The route of a request. Of several that match, the most specific one is taken, segment by segment: a literal segment
 * comes before a `{parameter}`, and that before a `{greedy+}` one. Then a named method comes before `ANY`. `$default`
 * comes last.
 */
export function matchRoute(routes: readonly Route[], method: string, path: string): MatchedRoute | undefined {
  const matches = routes.flatMap((route) => {
    if (route.method !== "ANY" && route.method !== method) return [];
    const parameters = route.path === "$default" ? {} : matchPath(route.path, path);
    return parameters ? [{ route, parameters }] : [];
  });
  return matches.sort((left, right) => compare(rank(left.route), rank(right.route)))[0];
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const [pattern, parts] = [segments(template), segments(path)];
  const parameters: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? [];
    const part = parts[index];
    if (name !== undefined && greedy) {
      if (part === undefined || part === "") return undefined;
      parameters[name] = decode(parts.slice(index).join("/"));
      return parameters;
    }
    if (part === undefined || (name === undefined ? part !== segment : part === "")) return undefined;
    if (name !== undefined) parameters[name] = decode(part);
  }
  return parts.length === pattern.length ? parameters : undefined;
}

/** The segments of a path. For API Gateway `/a/` is `/a`. */
const segments = (path: string) =>
  path
    .replace(/(?<=.)\/$/, "")
    .split("/")
    .slice(1);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** How specific a route is: the smaller rank comes first. */
function rank({ path, method }: Route): number[] {
  if (path === "$default") return [9];
  const kinds = segments(path).map((segment) => (segment.endsWith("+}") ? 2 : segment.startsWith("{") ? 1 : 0));
  return [...kinds, method === "ANY" ? 1 : 0];
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
