import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import jwt, { type JwtPayload } from "jsonwebtoken";
import jwksClient from "jwks-rsa";
import { audience, issuer, jwksUri } from "./configured.ts";

/**
 * An authorizer after Auth0's sample (auth0-samples/jwt-rsa-aws-custom-authorizer, lib.js): jsonwebtoken with jwks-rsa, its keys cached, and a
 * policy for the one method that was asked for. Like the sample it writes no log and no metric of what it allows.
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
