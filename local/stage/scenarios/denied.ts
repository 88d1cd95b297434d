import { AGENT, apiKey, bearer, ORDERS, READ, type Scenario } from "./scenario.ts";

/** Known callers without a right to the route. */
export const DENIED: readonly Scenario[] = [
  {
    kind: "no-right",
    title: "a user without the scope",
    headers: async (by) => bearer(await by.jwt()),
    path: ORDERS,
    outcome: "deny",
    reason: "route_not_granted",
  },
  {
    kind: "agent-step-up",
    title: "an agent that has to step up: the challenge of the 403 names the scopes",
    headers: async (by) => bearer(await by.jwt(AGENT)),
    path: ORDERS,
    outcome: "deny",
    reason: "route_not_granted",
  },
  {
    kind: "other-tenant",
    title: "a user on another tenant's route",
    headers: async (by) => bearer(await by.jwt(READ)),
    path: "/tenants/globex/orders",
    outcome: "deny",
    reason: "route_not_granted",
  },
  {
    kind: "key-alone",
    title: "a partner without the user that the route asks for",
    headers: async (by) => apiKey(await by.apiKey({ scopes: ["orders:write"] })),
    method: "POST",
    path: ORDERS,
    outcome: "deny",
    reason: "route_not_granted",
  },
  {
    kind: "outside-addresses",
    title: "a partner outside its allowed addresses",
    headers: async (by) => apiKey(await by.apiKey({ addresses: ["198.51.100.0/24"] })),
    outcome: "deny",
    reason: "address_not_allowed",
  },
  {
    kind: "tenant-mismatch",
    title: "a partner for another tenant's user",
    headers: async (by) => ({ ...bearer(await by.jwt()), ...apiKey(await by.apiKey({ tenant: "globex" })) }),
    outcome: "deny",
    reason: "tenant_mismatch",
  },
  {
    kind: "denied-route",
    title: "an administrator on a route that is denied to all",
    headers: async (by) => bearer(await by.jwt({ roles: ["admin"] })),
    method: "DELETE",
    path: "/admin/audit/1",
    outcome: "deny",
    reason: "route_denied",
  },
];
