import { createLocalJWKSet, errors, jwtVerify } from "jose";
import type { Answer } from "../http/answer.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import { formOf } from "../http/parameters.ts";
import type { Services } from "../services.ts";
import { clientOf } from "./client-authentication.ts";
import { REVOKED } from "./code-grant.ts";

/**
 * `POST /revoke` (RFC 7009): a token or a code of the client. The answer is the same for what is not known, has ended, or
 * is another client's.
 */
export async function answerRevocation(request: HttpRequest, time: number, services: Services): Promise<Answer> {
  const parameters = formOf(request);
  const client = await clientOf(request, parameters, time, services);
  const token = parameters.get("token");
  if (token === undefined) throw new OAuthError("invalid_request", "token is missing.");
  if (/^[\w-]{43}$/.test(token)) await revokeCode(token, client.id, time, services);
  else await revokeToken(token, client.id, time, services);
  return { status: 200, log: { client: client.id } };
}

/** @throws {OAuthError} `unsupported_token_type` if there is no table of revocations (RFC 7009 section 2.2.1) */
function demanded(revoke: Services["revoke"]): NonNullable<Services["revoke"]> {
  if (!revoke) throw new OAuthError("unsupported_token_type", "Access tokens cannot be revoked here: they end soon.");
  return revoke;
}

/** A code that is revoked is used up. What it was used for is revoked too. */
async function revokeCode(code: string, clientId: string, time: number, { store, config, revoke }: Services) {
  let grant = await store.readCode(code, time);
  if (grant?.clientId !== clientId) return;
  // A request that redeems it may be faster: then there is a token to revoke.
  if (!("usedFor" in grant) && !(await store.useCode(code, REVOKED))) {
    grant = await store.readCode(code, time);
  }
  if (grant && "usedFor" in grant && grant.usedFor !== REVOKED) {
    await demanded(revoke)(grant.usedFor, time + config.tokenLifetime, "its code was revoked");
  }
}

async function revokeToken(token: string, clientId: string, time: number, { config, signer, revoke }: Services) {
  const keys = createLocalJWKSet({ keys: [...(await signer.published())] });
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...{ issuer: config.issuer, algorithms: ["RS256"], typ: "at+jwt", currentDate: new Date(time * 1000) },
      requiredClaims: ["jti", "exp", "client_id"],
    });
    if (payload.client_id !== clientId) return;
    await demanded(revoke)(String(payload.jti), Number(payload.exp), "revoked by its client");
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
  }
}
