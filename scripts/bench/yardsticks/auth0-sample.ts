import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import jwt, { type JwtPayload } from "jsonwebtoken";
import jwksClient from "jwks-rsa";
import { audience, issuer, jwksUri } from "./configured.ts";

/**
 * An authorizer modelled on Auth0's sample (auth0-samples/jwt-rsa-aws-custom-authorizer, lib.js): jsonwebtoken with
 * jwks-rsa, cached keys, and a policy for the requested method only. Like the sample, it writes no log and no metric
 * for an Allow.
 */
const client = jwksClient({ cache: true, rateLimit: true, jwksRequestsPerMinute: 10, jwksUri: jwksUri() });

export async function handler(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const token = /^Bearer (.*)$/.exec(event.headers?.Authorization ?? "")?.[1];
  const decoded = token === undefined ? null : jwt.decode(token, { complete: true });
  if (token === undefined || !decoded?.header.kid) throw new Error("Unauthorized");
  const key = await client.getSigningKey(decoded.header.kid);
  const claims = jwt.verify(token, key.getPublicKey(), {
    audience: audience(),
    issuer: issuer(),
    algorithms: ["RS256", "ES256"],
  }) as JwtPayload;
  return {
    principalId: claims.sub ?? "",
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: event.methodArn }],
    },
    context: { scope: String(claims.scope) },
  };
}
