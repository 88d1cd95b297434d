import { issuersOf } from "../providers/jwt/issuer-entry.ts";
import type { Config } from "../shared/domain/config/schema.ts";

/** Every issuer of a configuration, as its credentials name it: those of an entry with several tenants one by one. */
export const configuredIssuers = ({ jwt, saml, apiKeys }: Pick<Config, "jwt" | "saml" | "apiKeys">): string[] => [
  ...(jwt?.issuers ?? []).flatMap(issuersOf),
  ...(saml?.identityProviders ?? []).map(({ issuer }) => issuer),
  ...(apiKeys ? [`api-keys:${apiKeys.environment}`] : []),
];
