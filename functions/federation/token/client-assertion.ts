import { decodeJwt, decodeProtectedHeader } from "jose";
import * as v from "valibot";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import type { Provider } from "../../../providers/provider.ts";
import type { FederationClient } from "../../../shared/domain/config/federation.ts";
import { jwtConfig } from "../../../shared/domain/config/jwt.ts";
import { eventBase } from "../event-base.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { Services } from "../services.ts";
import { clientRefused } from "./client-error.ts";
import { verifiedCredential } from "./credential-check.ts";

/** Algorithms of clients' assertions: none with a shared secret. */
export const CLIENT_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"] as const;

/** Seconds for which an assertion may be valid at most. */
const MAX_LIFETIME = 300;

/** Each client's keys, fetched once for all of its requests. */
const verifiers = new WeakMap<FederationClient, Provider>();

/**
 * `private_key_jwt` (RFC 7523 section 3): signed with a key of the client, for us alone, short, and once.
 *
 * @throws {OAuthError} `invalid_client`, `temporarily_unavailable`
 */
export async function checkClientAssertion(
  assertion: string,
  client: FederationClient,
  request: HttpRequest,
  time: number,
  services: Services,
): Promise<void> {
  const { config, store, tell } = services;
  const provider = verifiers.get(client) ?? verifierOf(client, config.issuer);
  verifiers.set(client, provider);
  const credential = { scheme: "bearer", value: assertion } as const;
  await verifiedCredential(credential, request, time, { ...services, providers: [provider] }, clientRefused);
  const { aud, exp = 0, jti, sub } = decodeJwt(assertion);
  // An access token of the client's own server is not made for us, whatever its audience (RFC 8725 section 3.11).
  if (/^(?:application\/)?at\+jwt$/i.test(decodeProtectedHeader(assertion).typ ?? "")) {
    throw clientRefused("client_assertion_invalid");
  }
  // One audience, so that no other server can use what it was sent (RFC 9700 section 4.4).
  if (typeof aud !== "string" || sub !== client.id) throw clientRefused("client_assertion_invalid");
  if (exp > time + MAX_LIFETIME) throw clientRefused("client_assertion_too_long");
  if (typeof jti !== "string" || jti === "" || jti.length > 256) throw clientRefused("client_assertion_invalid");
  if (!(await store.recordAssertion(`client ${client.id}`, jti, Math.ceil(exp)))) {
    const detail = { ...eventBase("AssertionReplayed", { request, time }), clientId: client.id };
    await tell({ name: "AssertionReplayed", detail });
    throw clientRefused("client_assertion_replayed");
  }
}

function verifierOf({ id, authentication }: FederationClient, issuer: string): Provider {
  if (typeof authentication === "string") throw new Error("the client has no keys");
  const keys = "jwks" in authentication ? { jwks: authentication.jwks } : { jwksUri: authentication.jwksUri };
  const entry = { issuer: id, audience: [issuer, `${issuer}/token`], algorithms: [...CLIENT_ALGORITHMS], keys };
  return jwtProvider(v.parse(jwtConfig, { issuers: [{ ...entry, kind: "client" }] }));
}
