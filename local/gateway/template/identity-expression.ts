import type { IdentitySource } from "../api.ts";
import { StackError } from "../stack-error.ts";

/** Parses `method.request.header.Authorization`, `stageVariables.name` or `context.name`. */
export function identitySource(expression: string, where: string): IdentitySource {
  const [, place = "", name] =
    /^(?:method\.request\.)?(header|querystring|stageVariables|context)\.(.+)$/.exec(expression) ?? [];
  const places = {
    header: "header",
    querystring: "query",
    stageVariables: "stageVariable",
    context: "context",
  } as const;
  if (name === undefined) throw new StackError(`${where}: ${expression} is no identity source.`);
  return { in: places[place as keyof typeof places], name };
}
