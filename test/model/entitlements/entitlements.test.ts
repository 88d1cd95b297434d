import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { NOW } from "../../fixtures.ts";
import { allows } from "../allows.ts";
import { type Fate, fateOf, type Setting, type Table } from "./fate.ts";
import { type Change, type Decide, type Given, type Planned, type Step, setting, steps } from "./steps.ts";
import { createWorld, PATHS, principalOf, ROUTES } from "./world.ts";

beforeAll(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  // Only the wall clock counts here, so that nothing is too late on a slow machine.
  vi.spyOn(performance, "now").mockReturnValue(0);
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type Records = ReadonlyMap<string, Change | "damaged">;

const nameOf = (change: Change) =>
  JSON.stringify(
    change.kind === "subject"
      ? ["subject", change.issuer, change.subject]
      : change.kind === "token"
        ? ["token", change.issuer, change.tokenId]
        : ["tenant", change.tenant],
  );

/** The table as it was, of each kind at an instant of its own: an instance may have read them one after the other. */
function tableOf(subjects: Records, tokens: Records, tenants: Records): Table {
  return {
    subject: (issuer, subject) => subjects.get(JSON.stringify(["subject", issuer, subject])) as never,
    token: (issuer, tokenId) => tokens.get(JSON.stringify(["token", issuer, tokenId])),
    tenant: (tenant) => tenants.get(JSON.stringify(["tenant", tenant])) as never,
  };
}

/** What has to happen at least once, so that the comparison shows something. */
const ALL = [
  ...["allow", "route_not_granted", "tenant_mismatch", "principals_conflict", "subject_disabled", "tenant_disabled"],
  ...["token_revoked", "entitlement_tenant_mismatch", "subject_not_entitled"],
  ...["entitlements_unavailable", "entitlement_record_invalid"],
];
const found = new Set<string>();

async function run(given: Given, all: readonly Step[]): Promise<void> {
  const world = createWorld(given);
  let now = NOW;
  let records: Records = new Map();
  /** Every state of the table, and until when it was. */
  const past: { readonly until: number; readonly records: Records }[] = [];
  const readAt = new Map<string, number>();
  const lastRead = new Map<number, number>();
  let last: Decide | undefined;
  const change = (next: Records) => {
    past.push({ until: now, records });
    records = next;
  };
  for (const [index, step] of all.entries()) {
    if (step.do === "wait") {
      now += step.seconds;
    } else if (step.do === "put") {
      world.put(step.change);
      change(new Map(records).set(nameOf(step.change), step.change));
    } else if (step.do === "damage") {
      world.damage(step.change);
      change(new Map(records).set(nameOf(step.change), "damaged"));
    } else if (step.do === "remove") {
      world.remove(step.change);
      change(new Map([...records].filter(([name]) => name !== nameOf(step.change))));
    } else {
      const asked = step.do === "decide" ? step : last;
      if (!asked) continue;
      const fails = step.do === "decide" && step.fails;
      last = asked;
      vi.setSystemTime(now * 1000);
      const { maxCacheAge } = given;
      const isRemembered = maxCacheAge > 0;
      const states = isRemembered
        ? [records, ...past.filter(({ until }) => until >= now - maxCacheAge).map((state) => state.records)]
        : [records];
      const caller = JSON.stringify([asked.instance, asked.principals]);
      const read = await judge(world, given, { ...asked, fails }, states, now, PATHS[index % 5] ?? "/");
      if (isRemembered && now - (readAt.get(caller) ?? Number.NEGATIVE_INFINITY) < maxCacheAge)
        expect(read.reads).toBe(0);
      // After a pause everything about the caller was read at once.
      const isWhole = now - (lastRead.get(asked.instance) ?? Number.NEGATIVE_INFINITY) >= maxCacheAge;
      if (read.isSound && read.reads > 0 && isWhole) readAt.set(caller, now);
      if (read.reads > 0) lastRead.set(asked.instance, now);
    }
  }
}

const settingOf = ({ rights, jwtTolerance = 5, samlTolerance = 30 }: Given): Setting => ({
  rights,
  tolerance: (issuer) =>
    issuer === "https://id.example.com" ? jwtTolerance : issuer === "https://idp.example.com" ? samlTolerance : 5,
});

async function judge(
  world: ReturnType<typeof createWorld>,
  given: Given,
  { principals, instance, fails }: Decide,
  states: readonly Records[],
  now: number,
  path: string,
): Promise<{ readonly reads: number; readonly isSound: boolean }> {
  const tables = states.flatMap((one) => states.flatMap((two) => states.map((three) => tableOf(one, two, three))));
  const isAlone = principals.length === 1;
  const fates = principals.map((each) => tables.map((table) => fateOf(each, isAlone, table, settingOf(given))));
  const { decision, verdicts, reads } = await world.decide(principals, instance, path, now, fails);
  const shown = JSON.stringify({ decision, fates: fates.map(([first]) => first) });
  const mayBeUnread = fails && (given.maxCacheAge === 0 || reads > 0);
  if (given.maxCacheAge === 0) {
    const isUnexpected = fates.some(([fate], index) => fate?.tenant !== principals[index]?.tenant);
    expect(reads, shown).toBeGreaterThanOrEqual(1);
    expect(reads, shown).toBeLessThanOrEqual(isUnexpected && !fails ? 2 : 1);
    if (fails) expect(decision, shown).toMatchObject({ outcome: "unavailable", reason: "entitlements_unavailable" });
  }
  found.add("reason" in decision ? decision.reason : decision.outcome);
  if (decision.outcome === "unavailable" && decision.reason === "entitlements_unavailable") {
    expect(mayBeUnread, shown).toBe(true);
  } else if (decision.outcome === "unauthenticated") {
    expect(
      fates.flat().flatMap(({ refusals }) => refusals),
      shown,
    ).toContain(decision.reason);
  } else if (decision.outcome === "unavailable") {
    expect(decision.reason, shown).toBe("entitlement_record_invalid");
    expect(
      fates.every((all) => all.some(({ refusals }) => refusals.length === 0)),
      shown,
    ).toBe(true);
    expect(
      fates.flat().some(({ isTrouble }) => isTrouble),
      shown,
    ).toBe(true);
  } else {
    const proved = verdicts.map((verdict) => ("principal" in verdict ? verdict.principal : undefined));
    const facts = (each: Pick<Fate | Principal, "tenant" | "roles" | "scopes"> | undefined) =>
      JSON.stringify([each?.tenant, each?.roles.toSorted(), each?.scopes.toSorted()]);
    for (const [index, each] of proved.entries()) {
      const good = fates[index]?.filter(({ refusals, isTrouble }) => refusals.length === 0 && !isTrouble) ?? [];
      expect(good.map(facts), shown).toContain(facts(each));
      const { tenant: _, roles: __, scopes: ___, ...same } = principalOf(principals[index] as Planned);
      expect(each).toMatchObject(same);
    }
    const use = { time: now, address: "203.0.113.7", method: "GET", path };
    const config = { routes: ROUTES, merge: { samePerson: { attribute: "none" } } };
    const isAllowed = allows(config, proved as never, { time: now, address: "203.0.113.7" }, use);
    expect(decision.outcome, shown).toBe(isAllowed ? "allow" : "deny");
  }
  // A damaged record is read again.
  return { reads, isSound: decision.outcome !== "unavailable" && !fates.flat().some(({ isTrouble }) => isTrouble) };
}

test("who is refused, and what others may, is what the table said within maxCacheAge", async () => {
  await fc.assert(fc.asyncProperty(setting, steps, run), { seed: 20_260_302, numRuns: 800 });
  expect([...found].toSorted()).toEqual(ALL.toSorted());
});
