import { checkAnswer, checkClaims, entryFor } from "../../../providers/jwt/claims.ts";
import type { Claims } from "../../../providers/jwt/compact.ts";
import { issuersOf } from "../../../providers/jwt/issuer-entry.ts";
import { principalOf } from "../../../providers/jwt/principal.ts";
import { checkStatedType } from "../../../providers/jwt/token-type.ts";
import { authenticated, type Verdict, verdictOf } from "../../../providers/verdict.ts";
import { type JwtConfig, type JwtIssuer, signsTokens } from "../../../shared/domain/config/jwt.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import { confirmationExpectations } from "../rejections/confirmation.ts";
import { tokenExpectations } from "../rejections/jwt.ts";
import { shownTime } from "../shown-time.ts";
import { shownValue } from "../shown-value.ts";
import { LIFETIME, type Rehearsal } from "./rehearsal.ts";
import { assumedOf, rehearseSender } from "./sender.ts";

/**
 * The claims of a JWT, or of an answer about an opaque token, in place of a token: they are checked and mapped as
 * the authorizer does after it has verified the signature or asked the server.
 *
 * @param entry of the issuer that is rehearsed
 * @param time seconds since the epoch
 */
export function rehearseClaims(
  claims: Claims,
  entry: JwtIssuer,
  config: Config & { readonly jwt: JwtConfig },
  time: number,
): Rehearsal {
  const { jwt, dpop } = config;
  const filled = { ...issuerIn(claims, entry), iat: time, exp: time + LIFETIME };
  const payload: Claims = { ...filled, ...claims };
  const [type] = entry.types ?? [];
  const header = signsTokens(entry) ? { alg: entry.algorithms[0], ...(type !== undefined && { typ: type }) } : {};
  const absent = Object.entries(filled).filter(([name]) => !Object.hasOwn(claims, name));
  const shown = (value: unknown) => (typeof value === "number" ? shownTime(value) : shownValue(value));

  const provider = signsTokens(entry) ? "jwt" : "introspection";

  function verify(request: AuthorizationRequest): Verdict {
    const { time: now } = request;
    if (signsTokens(entry)) checkClaims(payload, entryFor({ text: "", header, payload }, jwt).entry, now);
    else checkStated(payload, entry, now);
    const confirmation = rehearseSender(payload, entry, dpop, request);
    return authenticated({ ...principalOf(payload, entry, provider), ...(confirmation && { confirmation }) });
  }

  return {
    provider: {
      name: provider,
      recognises: () => true,
      verify: async (_, request) => {
        try {
          return verify(request);
        } catch (error) {
          return verdictOf(error);
        }
      },
    },
    filledIn: Object.fromEntries([
      ...absent.map(([name, value]) => [name, shown(value)]),
      ...Object.entries(header).map(([name, value]) => [`${name} (header)`, shownValue(value)]),
    ]),
    assumed: assumedOf(payload, entry, dpop),
    expectationsOf: async (reason, request) =>
      confirmationExpectations(reason, { token: "", cnf: payload.cnf }, request, config) ??
      tokenExpectations(reason, { header, payload }, jwt, time, new Map()),
  };
}

/** The issuer of a token of an entry; of a multi-tenant application, with the tenant that the claims name. */
function issuerIn({ tid }: Claims, { issuer, tenantIds }: JwtIssuer): Record<string, unknown> {
  if (!tenantIds) return { iss: issuer };
  const tenant = typeof tid === "string" ? tid : tenantIds[0];
  const [iss = issuer] = issuersOf({ issuer, tenantIds: [String(tenant)] });
  return { iss, tid: tenant };
}

/** The claims of a server's answer about an opaque token. */
function checkStated(payload: Claims, entry: JwtIssuer, now: number): void {
  checkStatedType(payload, entry);
  checkAnswer(payload, entry, now);
}
