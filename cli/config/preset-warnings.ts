import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import { SERVICE_ACCOUNT } from "../../shared/domain/config/jwt-presets.ts";
import type { JwtPreset } from "../../shared/domain/config/preset-types.ts";
import { acceptedValues, type RequiredClaim } from "../../shared/domain/config/required-claims.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Warning } from "./warnings.ts";

/** Claims of which an entry should require one, and what is open to whom without it. */
interface Condition {
  readonly claims: readonly string[];
  readonly warning: string;
  /** What the preset itself requires of them, which does not count. */
  readonly preset?: RequiredClaim;
}

const CONDITIONS: Partial<Record<JwtPreset, Condition>> = {
  "github-actions": {
    claims: [
      ...["sub", "repository", "repository_id", "repository_owner", "repository_owner_id"],
      ...["job_workflow_ref", "workflow_ref", "enterprise", "enterprise_id"],
    ],
    warning:
      "every repository of everybody on the server can get a token: require repository_owner_id, repository_id or sub",
  },
  gitlab: {
    claims: ["sub", "project_id", "project_path", "namespace_id", "namespace_path", "user_id"],
    warning: "every project of everybody on the server can get a token: require namespace_id, project_id or sub",
  },
  google: {
    claims: ["hd", "sub", "email"],
    warning: "everybody with a Google account can get a token: require hd (the Workspace domain), email or sub",
  },
  kubernetes: {
    claims: ["sub"],
    warning:
      "every service account of the cluster can get a token: require sub, as system:serviceaccount:NAMESPACE:NAME",
    preset: SERVICE_ACCOUNT,
  },
};

/** Warns about entries that anybody can meet: issuers with tokens for everybody need a condition on who it is. */
export function presetWarnings({ jwt }: Config): Warning[] {
  return (jwt?.issuers ?? []).flatMap((entry, index) => {
    const path = `jwt.issuers[${index}]`;
    return [...missingCondition(entry), ...openNames(entry), ...unreachable(entry), ...forVendor(entry)].map(
      (message) => ({ path, message }),
    );
  });
}

function missingCondition({ preset, requiredClaims }: JwtIssuer): string[] {
  const condition = preset && CONDITIONS[preset];
  if (!condition) return [];
  const isOwn = (name: string) => {
    const required = Object.hasOwn(requiredClaims, name) ? requiredClaims[name] : undefined;
    return required !== undefined && !isForAll(required) && !isSame(required, condition.preset);
  };
  return condition.claims.some(isOwn) ? [] : [condition.warning];
}

/** Whether a requirement says no more than that the claim is there. */
const isForAll = (required: RequiredClaim): boolean =>
  typeof required === "object" && "like" in required && required.like.includes("*");

const isSame = (required: RequiredClaim, preset: RequiredClaim | undefined): boolean =>
  preset !== undefined && String(acceptedValues(required)) === String(acceptedValues(preset));

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
