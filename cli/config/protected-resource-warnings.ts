import { metadataOf } from "../../functions/resource-metadata/metadata.ts";
import { issuersOf } from "../../providers/jwt/issuer-entry.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Warning } from "./warnings.ts";

/** Warns of protected resources whose metadata lead clients to tokens that are refused, or to none, or to too much. */
export function protectedResourceWarnings(config: Config): Warning[] {
  const issuers = config.jwt?.issuers ?? [];
  return (config.protectedResources ?? []).flatMap((entry, index) => {
    const path = `protectedResources[${index}]`;
    const { authorization_servers: servers = [] } = metadataOf(entry, config);
    const isAudience = issuers.some(({ audience }) => !audience || audience.includes(entry.resource));
    return [
      ...(entry.scopes ? [] : [{ path, message: "no scopes: clients ask for every scope that the rules name" }]),
      ...(servers.length > 0
        ? []
        : [{ path, message: "no authorization server: clients cannot find out where to get a token" }]),
      ...(servers.length === 0 || isAudience
        ? []
        : [
            {
              path: `${path}.resource`,
              message:
                "not in the audience of any issuer: tokens that clients ask for by this identifier (RFC 8707) are refused",
            },
          ]),
      ...servers.flatMap((server, place) =>
        issuers.flatMap(issuersOf).includes(server)
          ? []
          : [
              {
                path: `${path}.authorizationServers[${place}]`,
                message: `not an issuer of \`jwt.issuers\`: the tokens of ${printable(server) ?? "this server"} are refused unless another issuer signs them`,
              },
            ],
      ),
    ];
  });
}
