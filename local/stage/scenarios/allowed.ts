import { VPC_ENDPOINT } from "../example-rules.ts";
import { AGENT, apiKey, bearer, newSubject, ORDERS, READ, type Scenario, saml } from "./scenario.ts";

/** Callers who are allowed. */
export const ALLOWED: readonly Scenario[] = [
  {
    kind: "jwt",
    title: "a user with a JWT",
    headers: async (by) => bearer(await by.jwt(READ)),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "jwt-token",
    title: "the same to a TOKEN authorizer",
    api: "rest-token",
    headers: async (by) => bearer(await by.jwt(READ)),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "agent",
    title: "an agent with credentials of its own",
    headers: async (by) => bearer(await by.jwt({ ...READ, ...AGENT })),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "step-up",
    title: "a user who signed in with two factors a minute ago",
    headers: async (by) => bearer(await by.jwt({ amr: ["pwd", "mfa"], auth_time: by.time - 60 })),
    method: "POST",
    path: "/payouts",
    outcome: "allow",
  },
  {
    kind: "attribute",
    title: "a user whose e-mail address fits the pattern of a rule",
    headers: async (by) => bearer(await by.jwt({ email: "alice@acme.example" })),
    path: "/staff",
    outcome: "allow",
  },
  {
    kind: "stage",
    title: "a user on a route that a rule opens on this stage",
    headers: async (by) => bearer(await by.jwt()),
    path: "/features/released",
    outcome: "allow",
  },
  {
    kind: "vpc-endpoint",
    title: "a user through the VPC endpoint that a rule asks for",
    headers: async (by) => bearer(await by.jwt()),
    path: "/internal",
    vpcEndpoint: VPC_ENDPOINT,
    outcome: "allow",
  },
  {
    kind: "workload",
    title: "a workflow of GitHub Actions",
    headers: async (by) => bearer(await by.workload()),
    outcome: "allow",
  },
  {
    kind: "dpop",
    title: "a user with a token that is bound to a key, and a proof of it (DPoP)",
    headers: (by, request) => by.dpop(request, READ),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "entitled",
    title: "a user whose scope and tenant stand in the table of entitlements",
    headers: async ({ jwt, operator }) => {
      const sub = newSubject();
      await operator.entitle(sub, { scopes: ["orders:read"], tenant: "acme" });
      return bearer(await jwt({ sub, tenant: undefined }));
    },
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "opaque",
    title: "a user with an opaque token",
    headers: (by) => bearer(by.opaque(READ)),
    path: ORDERS,
    outcome: "allow",
    asks: "introspection",
  },
  { kind: "saml", title: "a user with a SAML assertion", headers: (by) => saml(by.saml()), outcome: "allow" },
  {
    kind: "saml-response",
    title: "a user with a SAML Response",
    headers: (by) => saml(by.saml({}, { message: "response", sign: ["response"] })),
    outcome: "allow",
  },
  {
    kind: "saml-deflated",
    title: "a user with a deflated assertion of 20 groups",
    headers: (by) =>
      saml(
        by.saml(
          {
            attributes: {
              tenant: "acme",
              scopes: "orders:read",
              groups: Array.from({ length: 20 }, (_, i) => `group-${i}`),
            },
          },
          { encoding: "deflate" },
        ),
      ),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "saml-encrypted",
    title: "a user with a Response whose assertion is encrypted",
    headers: (by) => saml(by.saml({}, { message: "response", encryptFor: by.ourCertificate, encoding: "deflate" })),
    outcome: "allow",
  },
  {
    kind: "saml-once",
    title: "a user with an assertion to be used once",
    headers: (by) => saml(by.saml({ oneTimeUse: true })),
    outcome: "allow",
  },
  {
    kind: "api-key",
    title: "a partner with a key",
    headers: async (by) => apiKey(await by.apiKey({ scopes: ["orders:read"] })),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "api-key-bearer",
    title: "a partner with a key behind Bearer",
    headers: async (by) => bearer(await by.apiKey()),
    outcome: "allow",
  },
  {
    kind: "partner-user",
    title: "a partner for a user: the scopes that both have",
    headers: async (by) => ({
      ...bearer(await by.jwt({ scope: "orders:write profile" })),
      ...apiKey(await by.apiKey({ scopes: ["orders:write", "orders:read"] })),
    }),
    method: "POST",
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "partner-user-joined",
    title: "the same two credentials in one header, which one cache key covers",
    headers: async (by) => ({
      Authorization: `Bearer ${await by.jwt({ scope: "orders:write" })}, ApiKey ${await by.apiKey({ scopes: ["orders:write"] })}`,
    }),
    method: "POST",
    path: ORDERS,
    outcome: "allow",
  },
];
