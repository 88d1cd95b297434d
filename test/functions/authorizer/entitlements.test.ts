import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { authorize } from "../../../functions/authorizer/authorize.ts";
import type { Provider } from "../../../providers/provider.ts";
import { authenticated, rejected, type Verdict } from "../../../providers/verdict.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { alice, memoryStore, stepWith, subjectRecord, tenantRecord } from "../../providers/entitlements/fixture.ts";
import { fakeClocks, pass } from "../../shared/infrastructure/remote/clocks.ts";

/** From the verified credentials to the decision, with a table of entitlements in between. */

const { signal } = new AbortController();
const provider = (name: string, verdict: Verdict): Provider => ({
  name,
  recognises: ({ value }) => value === name,
  verify: async () => verdict,
});
const routes = [
  { name: "admin", methods: ["GET" as const], paths: ["/admin"], roles: { allOf: ["admin"] } },
  { name: "orders", methods: ["GET" as const], paths: ["/tenants/{tenant}/orders"] },
];

function decide(
  store: Parameters<typeof stepWith>[0],
  providers: readonly Provider[],
  path = "/admin",
  section: { maxCacheAge?: number } = {},
) {
  const entitlements = stepWith(store, section);
  const config = configOf({ entitlements: { table: "table", ...section }, routes });
  const credentials = providers.map(
    ({ name }) => ({ scheme: "bearer", value: name, location: { in: "header", name } }) as const,
  );
  return authorize(requestFor("GET", path, { credentials }), { config, providers, entitlements }, signal);
}

const user = provider("user", authenticated(alice()));

test("a role of the table opens a rule, and its tenant fills a path", async () => {
  const { store } = memoryStore(subjectRecord({ roles: ["admin"], tenant: "acme" }));
  expect((await decide(store, [user])).decision).toMatchObject({ outcome: "allow" });
  expect((await decide(store, [user], "/tenants/acme/orders")).decision).toMatchObject({ outcome: "allow" });
  expect((await decide(store, [user], "/tenants/globex/orders")).decision).toMatchObject({ outcome: "deny" });
  expect((await decide(memoryStore().store, [user])).decision).toMatchObject({ reason: "route_not_granted" });
});

test("who is locked out gets 401, and no policy", async () => {
  const { store } = memoryStore(subjectRecord({ disabledSince: NOW, roles: ["admin"] }));
  const { decision, findings } = await decide(store, [user]);
  expect(decision).toEqual({ outcome: "unauthenticated", reason: "subject_disabled" });
  expect(findings).toMatchObject([{ provider: "user", verdict: { status: "rejected", reason: "subject_disabled" } }]);
});

test("one locked-out principal refuses the request, however entitled the others are", async () => {
  const { store } = memoryStore(
    subjectRecord({ roles: ["admin"] }),
    subjectRecord({ issuer: "api-keys:live", subject: "partner", disabledSince: NOW }),
  );
  const partner = alice({ issuer: "api-keys:live", subject: "partner", kind: "client", provider: "api-key" });
  const { decision } = await decide(store, [user, provider("key", authenticated(partner))]);
  expect(decision).toEqual({ outcome: "unauthenticated", reason: "subject_disabled" });
});

test("nothing is read for a request that is refused anyway", async () => {
  const { store, reads } = memoryStore();
  const { decision } = await decide(store, [user, provider("bad", rejected("token_expired"))]);
  expect(decision).toEqual({ outcome: "unauthenticated", reason: "token_expired" });
  expect(reads).toEqual([]);
});

test("a function without the step decides nothing for a configuration that has the section", async () => {
  const config = configOf({ entitlements: { table: "table" }, routes });
  const credentials = [{ scheme: "bearer", value: "user", location: { in: "header", name: "user" } } as const];
  const { decision } = await authorize(
    requestFor("GET", "/admin", { credentials }),
    { config, providers: [user] },
    signal,
  );
  expect(decision).toMatchObject({ outcome: "unavailable", reason: "entitlements_unavailable" });
});

describe("a decision that rests on entitlements", () => {
  beforeEach(fakeClocks);
  afterEach(() => vi.useRealTimers());

  const slow = (milliseconds: number) => {
    const { store } = memoryStore(subjectRecord({ roles: ["admin"] }), tenantRecord());
    return {
      read: async (keys: readonly string[], given: AbortSignal) => {
        const reading = await store.read(keys, given);
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        return reading;
      },
    };
  };

  test("is made within a second after the table was asked, and is trouble a millisecond later", async () => {
    const [inTime, late] = [decide(slow(1000), [user]), decide(slow(1001), [user])];
    // The step loads its code first, in real time.
    while (vi.getTimerCount() < 2) await new Promise(setImmediate);
    await pass(1001);
    expect((await inTime).decision).toMatchObject({ outcome: "allow" });
    expect((await late).decision).toEqual({ outcome: "unavailable", reason: "decision_too_late" });
  });

  test("may be made later by as much as an instance remembers, for which the second flush waits", async () => {
    const remembered = { maxCacheAge: 5 };
    const [inTime, late] = [
      decide(slow(6000), [user], "/admin", remembered),
      decide(slow(6001), [user], "/admin", remembered),
    ];
    await pass(6001);
    expect((await inTime).decision).toMatchObject({ outcome: "allow" });
    expect((await late).decision).toEqual({ outcome: "unavailable", reason: "decision_too_late" });
  });
});
