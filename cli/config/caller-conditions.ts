import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import type { JwtPreset } from "../../shared/domain/config/preset-types.ts";
import { acceptedValues } from "../../shared/domain/config/required-claims.ts";

/** Claims of which an entry should require one, and what is open to whom without it. */
interface Condition {
  /** By the names of claims: whether a value or a pattern says who calls. */
  readonly claims: Readonly<Record<string, (value: string) => boolean>>;
  readonly warning: string;
}

/** Whether anything but wildcards and separators is in a text: `*` and `*.*` are for all. */
const hasLiteral = (text: string): boolean => /[^*.:@/_-]/.test(text);

/**
 * Whether a `sub` of GitHub names a repository, its owner or its enterprise. An organisation can put other claims into
 * it, which every repository of everybody may have too: the environment, or the reusable workflow that a job calls.
 */
const namesCaller = (sub: string): boolean =>
  /(^|:)(repo|repository(_owner)?(_id)?|enterprise(_id)?|workflow_ref):[^:]*[^*:@/]/.test(sub);

/** Whether a `sub` of GitLab names a namespace or a project. */
const namesProject = (sub: string): boolean => /^project_path:[^:]*[^*:/]/.test(sub);

/** Whether a `sub` of a cluster, `system:serviceaccount:NAMESPACE:NAME`, names one of the two. */
const namesServiceAccount = (sub: string): boolean => sub.split(":").slice(2).some(hasLiteral);

/** Whether the ARN of a role has a part of its path or name. */
const namesRole = (sub: string): boolean => hasLiteral(sub.slice(sub.indexOf("/") + 1)) && sub.includes("/");

/** Whether the last two labels of a domain, alone or of an e-mail address, are whole: others can be registered. */
const namesDomain = (text: string): boolean => /(^|[.@])[^*.@]+\.[^*.@]+$/.test(text);

const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, hasLiteral]));

const CONDITIONS: Partial<Record<JwtPreset, Condition>> = {
  "github-actions": {
    // Not `job_workflow_ref`: that of a public reusable workflow is in the tokens of whoever calls it.
    claims: {
      sub: namesCaller,
      ...named(["repository", "repository_id", "repository_owner", "repository_owner_id"]),
      ...named(["workflow_ref", "enterprise", "enterprise_id"]),
    },
    warning:
      "every repository of everybody on the server can get a token: require repository_owner_id, repository_id or sub",
  },
  gitlab: {
    claims: {
      sub: namesProject,
      ...named(["project_id", "project_path", "namespace_id", "namespace_path", "user_id"]),
    },
    warning: "every project of everybody on the server can get a token: require namespace_id, project_id or sub",
  },
  google: {
    claims: { hd: namesDomain, email: namesDomain, sub: hasLiteral },
    warning: "everybody with a Google account can get a token: require hd (the Workspace domain), email or sub",
  },
  "aws-sts": {
    claims: { sub: namesRole },
    warning: "every role of the account can get a token: require sub, as arn:aws:iam::ACCOUNT:role/NAME",
  },
  kubernetes: {
    claims: { sub: namesServiceAccount },
    warning:
      "every service account of the cluster can get a token: require sub, as system:serviceaccount:NAMESPACE:NAME",
  },
};

/** What is open to whom, if an entry does not require of whom its tokens are. A list requires what all of it does. */
export function openToAll({ preset, requiredClaims }: JwtIssuer): string[] {
  const condition = preset && CONDITIONS[preset];
  if (!condition) return [];
  const isClosed = Object.entries(condition.claims).some(([name, says]) => {
    const required = Object.hasOwn(requiredClaims, name) ? requiredClaims[name] : undefined;
    return required !== undefined && acceptedValues(required).every((value) => says(String(value)));
  });
  return isClosed ? [] : [condition.warning];
}
