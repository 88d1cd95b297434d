import { randomUUID } from "node:crypto";
import type { Outcome } from "../../../shared/domain/decision.ts";
import type { Reason } from "../../../shared/domain/reasons/reasons.ts";
import type { ApiName } from "../../events/apis.ts";
import type { ProofRequest } from "../dpop-client.ts";
import type { Issuers } from "../issuers.ts";

/** A caller's request and its expected outcome. */
export interface Scenario {
  /** Name on the command line. */
  readonly kind: string;
  readonly title: string;
  readonly method?: string;
  readonly path?: string;
  /** The kind of API that it comes through; by default a REST API with a REQUEST authorizer. */
  readonly api?: ApiName;
  /** The VPC endpoint through which it comes, as to a private API. */
  readonly vpcEndpoint?: string;
  /** @param request for which a DPoP proof is made */
  readonly headers: (
    issuers: Issuers,
    request: ProofRequest,
  ) => Promise<Record<string, string>> | Record<string, string>;
  readonly outcome: Outcome;
  readonly reason?: Reason;
  /** The caller is refused by a policy with a challenge for the gateway response, where others are by an error. */
  readonly challenged?: true;
  /** The function must reach the introspection server of this machine. */
  readonly asks?: "introspection";
}

/** Path of the template's example for the tenant acme. */
export const ORDERS = "/tenants/acme/orders";

/** A claim that allows reading orders. */
export const READ = { scope: "orders:read" };

/** Claims of an agent that got its token with credentials of its own (`client_credentials`): it is its own subject. */
export const AGENT = { sub: "reports-agent", client_id: "reports-agent" };
/** A subject of whom no other request knows. */
export const newSubject = () => `bob-${randomUUID()}`;

/** Headers of a caller with a token. */
export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** Headers of a caller with an assertion. */
export const saml = (credential: string) => ({ Authorization: `SAML ${credential}` });

/** Headers of a caller with an API key. */
export const apiKey = (key: string) => ({ "X-Api-Key": key });
