import { introspectionProvider } from "../../../providers/introspection/index.ts";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { configOf, requestFor } from "../../fixtures.ts";
import { ENDPOINT, SECRET, type TokenServer } from "../../providers/introspection/fixture.ts";
import { rsaKey } from "../../providers/jwt/mint.ts";
import { AUDIENCE, type Entry, ISSUER } from "./judge.ts";

/** The issuer's key. */
export const key = rsaKey();

/** Two instances of the function. */
export function instancesOf(given: Entry, server: TokenServer) {
  const { isForJwts, cacheAge, clockTolerance, maxTokenAge, clientIds, required } = given;
  return [0, 1].map(() => {
    const config = configOf({
      jwt: {
        issuers: [
          {
            ...{ issuer: ISSUER, audience: AUDIENCE, clockTolerance, claims: { tenant: "tenant" } },
            ...withoutUndefined({ maxTokenAge, clientIds: clientIds && [...clientIds] }),
            ...(required && { requiredClaims: { token_use: "access" } }),
            ...(isForJwts && { keys: { jwks: { keys: [key.jwk as { kty: string }] } } }),
            introspection: {
              ...{ endpoint: ENDPOINT, cacheAge, tokens: isForJwts ? "jwt" : "opaque" },
              client: { clientId: "api", secret: { environment: SECRET } },
            },
          },
        ],
      },
    });
    if (!config.jwt) throw new Error("no section");
    const dependencies = { fetch: server.fetch };
    const provider = isForJwts ? jwtProvider(config.jwt, dependencies) : introspectionProvider(config, dependencies);
    if (!provider) throw new Error("no provider");
    return async (value: string, time: number) => {
      const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
      const verdict = await provider.verify(
        credential,
        requestFor("GET", "/a", { time }),
        new AbortController().signal,
      );
      return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
    };
  });
}
