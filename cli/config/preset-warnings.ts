import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { openToAll } from "./caller-conditions.ts";
import type { Warning } from "./warnings.ts";

/** Warns about entries that anybody can meet: issuers with tokens for everybody need a condition on who it is. */
export function presetWarnings({ jwt }: Config): Warning[] {
  return (jwt?.issuers ?? []).flatMap((entry, index) => {
    const path = `jwt.issuers[${index}]`;
    const open = openToAll(entry);
    const messages = [...(open.length > 0 ? open : openNames(entry)), ...unreachable(entry), ...forVendor(entry)];
    return messages.map((message) => ({ path, message }));
  });
}

/** Claims of the two that begin with the name of an owner, which anybody may register. */
const OWNED = [
  "sub",
  "repository",
  "repository_owner",
  "job_workflow_ref",
  "workflow_ref",
  "project_path",
  "namespace_path",
];

/** Ids, which nobody else can get. */
const IDS = ["repository_id", "repository_owner_id", "enterprise_id", "project_id", "namespace_id"];

/** A `*` in the name of an owner is for all that begin or end alike. `@` and what follows it is an id. */
function openNames({ preset, requiredClaims }: JwtIssuer): string[] {
  if (preset !== "github-actions" && preset !== "gitlab") return [];
  const patternsOf = (name: string) => {
    const required = Object.hasOwn(requiredClaims, name) ? requiredClaims[name] : undefined;
    return required !== undefined && typeof required === "object" && "like" in required ? required.like : undefined;
  };
  if (IDS.some((name) => Object.hasOwn(requiredClaims, name) && patternsOf(name) === undefined)) return [];
  return OWNED.filter((name) => patternsOf(name)?.some((pattern) => pattern !== "*" && hasOpenOwner(pattern))).map(
    (name) => `requiredClaims.${name}: a '*' in the name of the owner: anybody can register a name that matches`,
  );
}

const hasOpenOwner = (pattern: string): boolean => /^(repo:|project_path:)?[^/@]*\*/.test(pattern);

/** The API server of a cluster has a certificate of the cluster's own, at a name that only the cluster knows. */
function unreachable({ preset, issuer, keys }: JwtIssuer): string[] {
  const host = URL.parse(issuer)?.hostname ?? "";
  const isLocal = /(^|\.)(svc|cluster\.local)$/.test(host) || host === "kubernetes";
  return preset === "kubernetes" && keys && "discovery" in keys && isLocal
    ? [
        "a name inside the cluster, which Lambda cannot ask: put the keys into keys.jwks (kubectl get --raw /openid/v1/jwks)",
      ]
    : [];
}

/** https://developer.okta.com/docs/concepts/auth-servers/: access tokens of the org authorization server are Okta's. */
function forVendor({ preset, issuer }: JwtIssuer): string[] {
  return preset === "okta" && !issuer.includes("/oauth2/")
    ? ["Okta's org authorization server: its access tokens are for Okta alone; use a custom one, https://…/oauth2/ID"]
    : [];
}
