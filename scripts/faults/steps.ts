import { ecKey, mint } from "../../test/providers/jwt/mint.ts";
import type { Seen } from "./authorizer.ts";
import type { Caller } from "./callers.ts";
import { RECOVERY } from "./case.ts";
import type { Stand } from "./stand.ts";
import { NAMES } from "./world.ts";

/** Steps of the courses of events in scenarios.ts. */

export const inMinutes = (minutes: number) => Math.floor(Date.now() / 1000) + 60 * minutes;

export function callerOf({ callers }: Stand, name: string): Caller {
  const found = callers.find((each) => each.name === name);
  if (!found) throw new Error(`there is no caller "${name}"`);
  return found;
}

export async function allowed(stand: Stand, name: string): Promise<Caller> {
  const caller = callerOf(stand, name);
  const { outcome } = await stand.ask(caller);
  if (outcome !== "allow") throw new Error(`${name}: ${outcome}`);
  return caller;
}

export async function flood(stand: Stand, name: string, count: number): Promise<void> {
  for (let asked = 0; asked < count; asked++) await stand.ask(callerOf(stand, name));
}

/** Publishes a new key alone, and makes a caller with a token of it. */
export function rotate({ world }: Stand, kid: string | undefined): Caller {
  const key = ecKey(kid ?? "");
  const jwk = { ...key.jwk, kid };
  world.published.jwks = { keys: [jwk] };
  const claims = (time: number) => ({
    ...{ iss: NAMES.keys, aud: NAMES.audience, sub: "alice", client_id: "web", iat: time - 5, exp: time + 600 },
  });
  return {
    ...{ name: "a JWT of the new key", needs: ["key server"], isSound: true, principal: `${NAMES.keys}|alice` },
    headers: (time) => ({ Authorization: `Bearer ${mint({ ...key, jwk }, claims(time))}` }),
  };
}

/**
 * Asks until the caller is allowed, each quarter of a second of the clock. A sound caller is never refused, unless the
 * secret may have been wrong.
 *
 * @param within milliseconds of the clock
 */
export async function expectAllowed(stand: Stand, caller: Caller, within: number): Promise<readonly string[]> {
  let outcome: Seen["outcome"] | undefined;
  for (let elapsed = 0; elapsed <= within; elapsed += 250) {
    outcome = (await stand.ask(caller)).outcome;
    if (outcome === "allow") return [];
    if (outcome === "refused" && within <= RECOVERY) return ["a sound caller is refused"];
    stand.advance(250);
  }
  return [`callers see after ${within} ms: ${outcome}`];
}
