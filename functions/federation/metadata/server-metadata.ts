import { type FederationConfig, GRANT_TYPES } from "../../../shared/domain/config/federation.ts";
import { type Answer, jsonAnswer } from "../http/answer.ts";
import { CLIENT_ALGORITHMS } from "../token/client-assertion.ts";
import { AUTHENTICATION_METHODS } from "../token/client-authentication.ts";

/** Documents that change with a deployment. API Gateway's authorizers keep them for up to two hours themselves. */
export const CACHED = { "Cache-Control": "public, max-age=300" };

/**
 * The server's metadata (RFC 8414 section 2), also where OpenID Connect has them: authorizers of API Gateway look there.
 * All URLs come from the configuration: a `Host` header is the caller's.
 */
export function serverMetadata({ issuer }: FederationConfig): Answer {
  return jsonAnswer(
    200,
    {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      revocation_endpoint: `${issuer}/revoke`,
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: Object.values(GRANT_TYPES),
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
      token_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
      revocation_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
      revocation_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
      authorization_response_iss_parameter_supported: true,
      // Required by OpenID Connect Discovery. No ID token is issued.
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    },
    CACHED,
  );
}
