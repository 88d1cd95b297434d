import type { ModelPrincipal } from "../types.ts";

/** What the claims of a JWT say of its caller, as docs/configuration.md and docs/issuers.md have it. */

export type Claims = Readonly<Record<string, unknown>>;

export interface Entry {
  /** Claim → the patterns, one of which it must match. */
  readonly like: Readonly<Record<string, readonly string[]>>;
}

const isText = (value: unknown): value is string => typeof value === "string";

/** `*` stands for any characters but `/` and `:`. Compared character by character, with every way to go on. */
export function isLike(value: string, pattern: string): boolean {
  if (pattern === "") return value === "";
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first !== "*") return value[0] === first && isLike(value.slice(1), rest);
  if (isLike(value, rest)) return true;
  return value !== "" && value[0] !== "/" && value[0] !== ":" && isLike(value.slice(1), pattern);
}

/** A claim that is a list is met by one of its texts. */
const meets = (value: unknown, patterns: readonly string[]) =>
  [value].flat().some((each) => isText(each) && patterns.some((pattern) => isLike(each, pattern)));

/** Undefined: the token is refused for a claim. */
export function principalOf(claims: Claims, { like }: Entry): ModelPrincipal | undefined {
  if (!Object.entries(like).every(([name, patterns]) => meets(claims[name], patterns))) return undefined;
  const { sub, kind, plan, acr, amr, auth_time: time, iat, exp } = claims;
  if (plan !== undefined && !["string", "number", "boolean"].includes(typeof plan)) return undefined;
  const authentication = {
    ...(isText(acr) && acr !== "" && { contextClass: acr }),
    ...(Array.isArray(amr) && amr.length > 0 && amr.every(isText) && { methods: amr }),
    // 5 seconds is the default tolerance.
    ...(typeof time === "number" && time <= Number(iat) + 5 && { time: Math.min(time, Number(iat)) }),
  };
  return {
    ...{ provider: "jwt", issuer: "https://id.example.com", subject: String(sub), scopes: [], roles: [] },
    kind: kind === "user" || kind === "client" ? kind : "unknown",
    attributes: plan === undefined ? {} : { plan: plan as string },
    expiresAt: Number(exp),
    ...(Object.keys(authentication).length > 0 && { authentication }),
  };
}
