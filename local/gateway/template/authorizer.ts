import type { IdentitySource } from "../api.ts";
import type { Properties } from "./resource.ts";

/** Reads the section `Identity` of an authorizer: its identity sources, in the order in which SAM writes them. */
export function sourcesOf({ Headers, QueryStrings, StageVariables, Context }: Properties): IdentitySource[] {
  const named = (place: IdentitySource["in"], names: unknown) =>
    ((names ?? []) as unknown[]).map((name) => ({ in: place, name: String(name) }));
  return [
    ...named("header", Headers),
    ...named("query", QueryStrings),
    ...named("stageVariable", StageVariables),
    ...named("context", Context),
  ];
}

/** The logical id of a function in its ARN, as `Resolver` writes ARNs: `Authorizer` of `Authorizer.Arn`. */
export const functionName = (arn: string) => /(\w+)\.(?:Arn|Alias)/.exec(arn)?.[1] ?? arn;
