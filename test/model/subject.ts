import { type Authorizer, authorize } from "../../functions/authorizer/authorize.ts";
import type { Provider } from "../../providers/provider.ts";
import { authenticated } from "../../providers/verdict.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Decision } from "../../shared/domain/decision.ts";
import { compilePolicy } from "../../shared/domain/policy/compile.ts";
import type { RouteRequest } from "../../shared/domain/policy/covers-request.ts";
import { MAX_RESULT_LENGTH } from "../../shared/domain/policy/document.ts";
import { boundAddresses } from "../../shared/domain/policy/grants.ts";
import { policyEnd } from "../../shared/domain/policy/policy-end.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { API } from "./ask-policy.ts";
import type { SubjectUnderTest } from "./difference.ts";
import type { ModelConfig } from "./types.ts";

/** The credential sections of the configuration, so that rules can name their providers, issuers and attributes. */
const CREDENTIALS = {
  jwt: {
    issuers: [
      { issuer: "https://id.example.com", audience: "a", claims: { tenant: "tenant", attributes: { dept: "dept" } } },
      { issuer: "https://id2.example.com", audience: "a", claims: { tenant: "tenant", attributes: { dept: "dept" } } },
    ],
  },
  saml: {
    audience: "urn:a",
    recipients: "https://a.example.com/acs",
    identityProviders: [{ issuer: "https://idp.example.com", metadata: { url: "https://idp.example.com/metadata" } }],
  },
  apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "PEPPER" } }] },
};

/**
 * Sallyport itself, from the written configuration to the policy. Only its credentials are fake: each contains its
 * principal.
 */
export function sallyport(): SubjectUnderTest {
  const known = new WeakMap<ModelConfig, Authorizer>();
  return {
    async decide(config, principals, { ttl, time, address, vpcEndpoint, method, path }) {
      const authorizer = known.get(config) ?? prepare(config);
      known.set(config, authorizer);
      const request: AuthorizationRequest = {
        credentials: principals.map((principal) => ({
          scheme: "bearer",
          value: `${principal.provider} ${JSON.stringify(principal)}`,
          location: { in: "header", name: "authorization" },
        })),
        resource: { api: API, stage: "prod", method, path },
        cache: ttl === undefined ? {} : { ttl },
        source: {
          ...(address !== undefined && { address }),
          // The model has one key for addresses: which of the two it is does not matter here.
          viaVpcEndpoint: false,
          ...(vpcEndpoint !== undefined && { vpcEndpoint }),
        },
        time,
      };
      const { decision } = await authorize(request, authorizer, new AbortController().signal);
      const policy = "policy" in decision ? decision.policy : undefined;
      const route = { ...request, resource: { api: API, stage: "prod", method, path } };
      // The response of every kind of API refuses a policy of this size.
      if (policy && JSON.stringify(policy).length > MAX_RESULT_LENGTH)
        return { policy: undefined, outcome: "unavailable" };
      return { policy, outcome: decision.outcome, whole: () => wholeLength(route, decision, parse(config)) };
    },
  };
}

const parse = (config: ModelConfig) => parseConfig({ ...CREDENTIALS, ...config });

/** Size in bytes of the policy of a decision without the size limit. */
function wholeLength(request: AuthorizationRequest & RouteRequest, decision: Decision, { policy }: Config): number {
  if (!("grants" in decision) || !decision.caller) return 0;
  const addresses = boundAddresses(decision.caller, request.source, policy);
  const end = policyEnd(decision.caller, request, policy);
  const bounds = { end, explicitDeny: policy.explicitDeny, ...(addresses && { addresses }) };
  try {
    return JSON.stringify(compilePolicy(request, decision.grants, bounds)).length;
  } catch (error) {
    if (error instanceof TroubleError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** Builds the authorizer of a configuration. */
function prepare(config: ModelConfig): Authorizer {
  return { config: parse(config), providers: ["jwt", "saml", "api-key"].map(provider) };
}

function provider(name: string): Provider {
  return {
    name,
    recognises: ({ value }) => value.startsWith(`${name} `),
    async verify({ value }) {
      return authenticated(JSON.parse(value.slice(name.length + 1)) as Principal);
    },
  };
}
