import { bearer, type Scenario } from "./scenario.ts";

/** Callers whose credential cannot be verified because something fails. */
export const UNAVAILABLE: readonly Scenario[] = [
  {
    kind: "key-server-down",
    title: "a token whose issuer's key server is down",
    headers: async (by) => bearer(await by.jwt({ iss: "https://down.local.example" })),
    outcome: "unavailable",
    reason: "key_set_unavailable",
  },
  {
    kind: "introspection-down",
    title: "an opaque token whose issuer's server is down",
    headers: (by) => bearer(by.unknowableToken()),
    outcome: "unavailable",
    reason: "introspection_unavailable",
  },
];
