import type { FederationConfig } from "../../shared/domain/config/federation.ts";
import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { satisfies } from "../../shared/domain/policy/satisfies.ts";
import type { Warning } from "./warnings.ts";

/** Warns of denying rules by what a token of the login cannot show: whoever they are for gets no token. */
export function loginWarnings({ federation, routes }: Config): Warning[] {
  if (!federation) return [];
  return routes.flatMap((rule, index) =>
    rule.effect === "deny"
      ? unseenIn(rule, federation).map((what) => ({
          path: `routes[${index}] (${rule.name})`,
          message: `it asks for ${what}, which a token of the login does not show: whoever has that gets no token (denial_lost)`,
        }))
      : [],
  );
}

function unseenIn({ credentials, issuers, kind, attributes }: RouteRule, federation: FederationConfig): string[] {
  const hasActors =
    federation.subjectTokens.some(({ issuer }) => issuer.startsWith("api-keys:")) &&
    federation.clients.some(({ grants }) => grants.includes("exchange"));
  return [
    ...(satisfies(credentials, ["jwt"]) ? [] : ["another provider than `jwt`"]),
    ...(!issuers || issuers.includes(federation.issuer) ? [] : ["other issuers than `federation.issuer`"]),
    ...(attributes ? ["attributes"] : []),
    ...(kind === "client" && hasActors ? ["a client, as an actor of an exchange is"] : []),
  ];
}
