import type { TokenAnswer } from "./check-token.ts";

/**
 * The header `www-authenticate` of an HTTP API's refusal. Without a token it is `Bearer` alone (recorded from AWS); for
 * an invalid token it has the form of the developer guide, "Troubleshooting issues with HTTP API JWT authorizers",
 * whose members are not separated by commas. That of a token without the route's scopes is not documented.
 */
export function challengeOf(answer: Extract<TokenAnswer, { refused: string }>, scopes: readonly string[]): string {
  if (answer.refused === "no_token") return "Bearer";
  const error = answer.refused === "insufficient_scope" ? "insufficient_scope" : "invalid_token";
  return `Bearer scope="${scopes.join(" ")}" error="${error}" error_description="${answer.description}"`;
}
