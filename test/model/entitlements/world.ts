import { authorize } from "../../../functions/authorizer/authorize.ts";
import { entitlements } from "../../../providers/entitlements/index.ts";
import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import { recordKey } from "../../../providers/entitlements/record-key.ts";
import type { EntitlementStore, Stored } from "../../../providers/entitlements/store.ts";
import type { Provider } from "../../../providers/provider.ts";
import { authenticated } from "../../../providers/verdict.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { instantNow } from "../../../shared/infrastructure/remote/elapsed.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import type { ModelConfig } from "../types.ts";
import type { Change, Given, Planned } from "./steps.ts";

const BOOKKEEPING = { version: 1, changeId: "change", createdAt: NOW, changedAt: NOW, changedBy: "carol" };

export const recordOf = (change: Change): EntitlementRecord =>
  ({ ...withoutUndefined(change), ...BOOKKEEPING }) as unknown as EntitlementRecord;

/** What principals may: of scopes, roles and tenants. */
export const ROUTES: ModelConfig["routes"] = [
  { name: "read", methods: ["GET"], paths: ["/read"], scopes: { allOf: ["read"] } },
  { name: "admin", methods: ["GET"], paths: ["/admin"], roles: { anyOf: ["admin"] } },
  { name: "acme", methods: ["GET"], paths: ["/acme"], tenants: ["acme"] },
  { name: "tenants", methods: ["GET"], paths: ["/tenants/{tenant}"] },
];
export const PATHS = ["/read", "/admin", "/acme", "/tenants/acme", "/tenants/globex"];

export const principalOf = (planned: Planned): Principal =>
  ({ ...withoutUndefined(planned), attributes: {} }) as unknown as Principal;

/** Two instances of the function over one table, whose credentials have their principals in them. */
export function createWorld({ maxCacheAge, rights, jwtTolerance, samlTolerance }: Given) {
  const items = new Map<string, Stored>();
  const state = { fails: false, reads: 0 };
  const store: EntitlementStore = {
    async read(keys) {
      state.reads += 1;
      if (state.fails) throw new TroubleError("entitlements_unavailable");
      return { stored: new Map(keys.map((key) => [key, items.get(key)])), readAt: instantNow() };
    },
  };
  const config = configOf({
    jwt: {
      issuers: [
        {
          ...{ issuer: "https://id.example.com", audience: "a", claims: { tenant: "tenant" } },
          ...withoutUndefined({ clockTolerance: jwtTolerance }),
        },
      ],
    },
    saml: {
      ...{ audience: "a", recipients: "https://a.example.com/acs" },
      identityProviders: [
        {
          issuer: "https://idp.example.com",
          metadata: { url: "https://idp.example.com/metadata" },
          ...withoutUndefined({ clockTolerance: samlTolerance }),
        },
      ],
    },
    apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "PEPPER" } }] },
    entitlements: { table: "entitlements", maxCacheAge, rights },
    merge: { samePerson: { attribute: "none" } },
    routes: ROUTES as never,
  });
  const provider: Provider = {
    name: "any",
    recognises: () => true,
    verify: async ({ value }) => authenticated(JSON.parse(value) as Principal),
  };
  const instances = [0, 1].map(() => entitlements(config, { openStore: async () => store }));
  return {
    put: (change: Change) => void items.set(recordKey(recordOf(change)), recordOf(change)),
    damage: (change: Change) => void items.set(recordKey(recordOf(change)), "damaged"),
    remove: (change: Change) => void items.delete(recordKey(recordOf(change))),
    async decide(principals: readonly Planned[], instance: number, path: string, time: number, fails: boolean) {
      Object.assign(state, { fails, reads: 0 });
      const credentials = principals.map((planned) => ({
        scheme: "bearer" as const,
        value: JSON.stringify(principalOf(planned)),
        location: { in: "header" as const, name: "authorization" },
      }));
      const request = requestFor("GET", path, { credentials, time });
      const authorizer = { config, providers: [provider], entitlements: instances[instance] };
      const { decision, findings } = await authorize(request, authorizer, new AbortController().signal);
      const verdicts = findings.map(({ verdict }) => verdict);
      return { decision, verdicts, reads: state.reads };
    },
  };
}
