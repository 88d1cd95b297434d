import type { JWTPayload } from "jose";
import type { GatewaySettings } from "../settings.ts";
import type { JwtRoute } from "./jwt-authorizer.ts";

/** What a backend of an HTTP API gets of an accepted token. */
export interface JwtContext {
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[] | null;
}

/**
 * Claims as a backend of an HTTP API gets them: all of them texts. Numbers and booleans are their text, lists have
 * brackets and spaces (`[admin editor]`), objects are JSON, and null is left out; measured on AWS, not documented.
 * `scopes` is null on a route without scopes.
 */
export function jwtContext(
  claims: JWTPayload,
  scopes: readonly string[],
  { scopes: needed }: JwtRoute,
  { jwtListClaims, jwtScopes }: GatewaySettings,
): JwtContext {
  const texts = Object.entries(claims).flatMap(([name, value]): [string, string][] =>
    value === null || value === undefined ? [] : [[name, claimText(value, jwtListClaims)]],
  );
  const shown = jwtScopes === "token" ? scopes : scopes.filter((scope) => needed.includes(scope));
  return { claims: Object.fromEntries(texts), scopes: needed.length === 0 ? null : shown };
}

function claimText(value: unknown, lists: GatewaySettings["jwtListClaims"]): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && lists === "brackets") return `[${value.map((each) => claimText(each, lists)).join(" ")}]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
