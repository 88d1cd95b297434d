import { isAskedAboutJwts } from "../../../providers/introspection/token-owner.ts";
import { readCompact } from "../../../providers/jwt/compact.ts";
import { entryOf } from "../../../providers/jwt/issuer-entry.ts";
import type { JwtConfig } from "../../../shared/domain/config/jwt.ts";
import { type Expectation, lengthExpectation } from "./expectation.ts";
import { activeExpectations, answerAbout } from "./introspection.ts";
import { tokenExpectations } from "./jwt.ts";
import type { FetchedKeys, RejectedToken } from "./jwt-case.ts";
import { formExpectations } from "./jwt-form.ts";

/** What was expected and found of a token as it was sent. @param text the token */
export function credentialExpectations(
  reason: string,
  text: string,
  config: JwtConfig,
  time: number,
  fetched: FetchedKeys,
): readonly Expectation[] {
  if (reason === "credential_too_large") return [lengthExpectation(text, config.maxLength)];
  const token = readToken(text, config.maxLength);
  if (!token) return formExpectations(text);
  const entry = entryOf(token.payload, config);
  const answer = entry && isAskedAboutJwts(entry) ? answerAbout(entry, fetched) : undefined;
  if (!answer) return tokenExpectations(reason, token, config, time, fetched);
  // What was checked then are the claims of both.
  const payload = answer.active === true ? { ...token.payload, ...answer, iss: token.payload.iss } : token.payload;
  return activeExpectations(reason, answer) ?? tokenExpectations(reason, { ...token, payload }, config, time, fetched);
}

/** The claim `cnf` of a token, as far as it can be read. Nothing is verified. */
export const confirmationIn = (text: string): unknown => readToken(text, text.length)?.payload.cnf;

function readToken(text: string, maxLength: number): RejectedToken | undefined {
  try {
    return readCompact(text, maxLength);
  } catch {
    return undefined;
  }
}
