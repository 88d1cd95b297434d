import type { IdentitySource } from "./api.ts";
import { type GatewayRequest, valuesOf } from "./request.ts";

/** Variables of `$context` that may be identity sources. */
export type ContextVariables = Readonly<Record<string, string>>;

/**
 * Values of identity sources, in their order; undefined where one is missing or empty. Headers are found whatever their case, other names by theirs; of several values of a header all
 * count, joined by commas.
 */
export function identityValues(
  sources: readonly IdentitySource[],
  request: GatewayRequest,
  stageVariables: Readonly<Record<string, string>>,
  context: ContextVariables,
): string[] | undefined {
  const values = sources.map((source) => sourceValue(source, request, stageVariables, context));
  return values.every((value) => value !== undefined && value !== "") ? (values as string[]) : undefined;
}

function sourceValue(
  { in: place, name }: IdentitySource,
  { headers, query }: GatewayRequest,
  stageVariables: Readonly<Record<string, string>>,
  context: ContextVariables,
): string | undefined {
  if (place === "header") {
    const values = valuesOf(headers, name);
    return values.length > 0 ? values.join(",") : undefined;
  }
  if (place === "query") return query.filter(([key]) => key === name).at(-1)?.[1];
  const variables = place === "context" ? context : stageVariables;
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}
