import { type TokenSections, tokenOwner } from "../../../providers/introspection/token-owner.ts";
import type { JwtConfig, JwtIssuer } from "../../../shared/domain/config/jwt.ts";
import { objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { type Expectation, expectation, lengthExpectation } from "./expectation.ts";
import { tokenExpectations } from "./jwt.ts";
import type { FetchedKeys } from "./jwt-case.ts";

/** What was expected of an opaque token, and what its issuer's server says of it. The token itself is never shown. */
export function opaqueExpectations(
  reason: string,
  value: string,
  config: TokenSections & { readonly jwt: JwtConfig },
  time: number,
  fetched: FetchedKeys,
): readonly Expectation[] {
  if (reason === "credential_too_large") return [lengthExpectation(value, config.jwt.maxLength)];
  const entry = tokenOwner(config)(value);
  const answer = entry && answerAbout(entry, fetched);
  if (reason === "token_malformed") {
    return [{ of: "characters", expected: "letters, digits and any of ._~+/-, with = at the end", found: "others" }];
  }
  if (!entry || !answer) return [];
  if (reason === "token_issuer_unknown") return [expectation("iss", `"${entry.issuer}"`, answer.iss)];
  return (
    activeExpectations(reason, answer) ??
    tokenExpectations(reason, { header: {}, payload: { ...answer, iss: entry.issuer } }, config.jwt, time, fetched)
  );
}

/** Whether the token is active, where that decided. */
export function activeExpectations(reason: string, answer: UnknownObject): Expectation[] | undefined {
  if (reason === "token_inactive") {
    const hint = "was it revoked, has it ended, or is it another environment's?";
    return [expectation("active", "true", answer.active, hint)];
  }
  const isMalformed = reason === "introspection_unavailable" && typeof answer.active !== "boolean";
  return isMalformed ? [expectation("active", "true or false (RFC 7662)", answer.active)] : undefined;
}

/** What the server of an entry said. */
export function answerAbout({ issuer, introspection }: JwtIssuer, fetched: FetchedKeys): UnknownObject | undefined {
  const document = [...fetched.values()].find((each) => each.issuer === issuer && each.active === undefined);
  const { introspection_endpoint: usual, mtls_endpoint_aliases: aliases } = objectOf(document);
  const urls = [introspection?.endpoint, objectOf(aliases).introspection_endpoint, usual];
  return urls.map((url) => fetched.get(String(url))).find((answer) => answer !== undefined);
}
