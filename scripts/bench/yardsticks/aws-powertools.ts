import { Logger } from "@aws-lambda-powertools/logger";
import { JwtVerifier } from "aws-jwt-verify";
import type { Jwks } from "aws-jwt-verify/jwk";
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent, Context, PolicyDocument } from "aws-lambda";
import { audience, issuer, jwks, jwksUri } from "./configured.ts";

/** An authorizer as in AWS guides: aws-jwt-verify, the Powertools logger, and a policy of a few routes by scope. */
const logger = new Logger({ serviceName: "authorizer" });
const verifier = JwtVerifier.create({
  issuer: issuer(),
  audience: audience(),
  jwksUri: jwksUri().replace("http:", "https:"),
});
verifier.cacheJwks(jwks() as Jwks);

/** Routes by their required scope; undefined for every caller. */
const ROUTES = [
  { scope: undefined, route: "GET/whoami" },
  { scope: "orders:read", route: "GET/tenants/{tenant}/orders" },
  { scope: "orders:read", route: "GET/tenants/{tenant}/orders/*" },
  { scope: "orders:write", route: "POST/tenants/{tenant}/orders" },
];

export async function handler(
  event: APIGatewayRequestAuthorizerEvent,
  context: Context,
): Promise<APIGatewayAuthorizerResult> {
  logger.addContext(context);
  const [scheme, token] = (event.headers?.Authorization ?? "").split(" ");
  try {
    if (scheme !== "Bearer" || token === undefined) throw new Error("no token");
    const claims = await verifier.verify(token);
    const { sub, scope, tenant } = claims as { sub?: string; scope?: string; tenant?: string };
    const policyDocument = policyFor(event.methodArn, scope ?? "", tenant ?? "");
    logger.info("allow", { subject: sub ?? "", statements: policyDocument.Statement.length });
    return { principalId: sub ?? "", policyDocument, context: { scope: scope ?? "", tenant: tenant ?? "" } };
  } catch (error) {
    logger.warn("refused", { error: error instanceof Error ? error.name : "unknown" });
    throw new Error("Unauthorized");
  }
}

function policyFor(methodArn: string, scope: string, tenant: string): PolicyDocument {
  const [api, stage] = methodArn.split("/");
  const scopes = new Set(scope.split(" "));
  const resources = ROUTES.filter((route) => route.scope === undefined || scopes.has(route.scope)).map(
    ({ route }) => `${api}/${stage}/${route.replace("{tenant}", tenant)}`,
  );
  return {
    Version: "2012-10-17",
    Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: resources }],
  };
}
