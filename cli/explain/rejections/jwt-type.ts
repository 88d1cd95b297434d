import { shownNames, shownValue } from "../shown-value.ts";
import { anyOf, type Expectation, expectation } from "./expectation.ts";
import type { TokenCase } from "./jwt-case.ts";

/** Claims that may announce a token of another kind, and the hashes by which an ID token is known. */
const ANNOUNCING = ["typ", "token_use", "token_type", "events", "at_hash", "c_hash", "s_hash"];

/** What a token says of its kind, in its header and in its claims. */
export function typeExpectations({ header, payload, entry }: TokenCase): Expectation[] {
  const { types, requiredClaims } = entry;
  const wanted = types ? anyOf(types) : 'none, or "JWT", "JOSE" or "at+jwt"';
  const claims = ANNOUNCING.filter((name) => Object.hasOwn(payload, name));
  const shown = claims.map((name) =>
    name.endsWith("_hash") || name === "events" ? name : `${name} ${shownValue(payload[name])}`,
  );
  const asked = Object.keys(requiredClaims).filter((name) => ANNOUNCING.includes(name));
  return [
    expectation("typ (header)", `${wanted}${types ? " (types)" : ""}`, header.typ),
    {
      of: "claims",
      expected: `none that announces another kind of token${asked.length > 0 ? `, but ${shownNames(asked)}` : ""}`,
      found: shown.length > 0 ? shown.join(", ") : "none",
      ...(claims.some((name) => name.endsWith("_hash")) && {
        hint: "a hash as at_hash makes it an ID token: send the access token",
      }),
    },
  ];
}
