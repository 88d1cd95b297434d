import type { IdentitySource } from "./api.ts";
import { type GatewayRequest, valuesOf } from "./request.ts";

/** Variables of `$context` that may be identity sources. */
export type ContextVariables = Readonly<Record<string, string>>;

/**
 * The values of identity sources, in their order. The names of headers are not case-sensitive, all other names are. A
 * header that occurs several times gives all its values, joined by commas.
 *
 * @returns undefined if a value is missing or empty
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

/** The identity sources that a request lacks, for people. Names come from the template, and values are left out. */
export function missingSources(
  sources: readonly IdentitySource[],
  request: GatewayRequest,
  stageVariables: Readonly<Record<string, string>>,
  context: ContextVariables,
): string {
  const missing = sources.filter((source) => !sourceValue(source, request, stageVariables, context));
  return `no ${missing.map((source) => `${source.in} ${source.name}`).join(", ")}`;
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
