import { setTimeout as delay } from "node:timers/promises";
import { ASKED_EACH_TIME, type PartyName } from "./parties.ts";
import type { Fault, Party } from "./party.ts";
import { type Phase, type Stand, startStand } from "./stand.ts";
import { startWorld } from "./world.ts";

/** How long the values of a party are used before they are fetched again, in milliseconds: just past their age. */
const AGES: Partial<Record<PartyName, number>> = { "key server": 601_000, metadata: 3_601_000, discovery: 86_401_000 };

/** Parties whose values are kept: while they fail, callers see nothing of it once the values are there. */
const KEPT: readonly PartyName[] = ["key server", "discovery", "metadata", "KMS", "Secrets Manager", "SSM"];

/** No answer is later, in milliseconds: the function's time-out. It ends half a second before, by itself. */
const LATEST = 5000;

/** Milliseconds of the clock within which callers are allowed again after a party is well. */
export const RECOVERY = 5000;

/** What one fault of one party did. */
export interface CaseResult {
  readonly party: PartyName;
  readonly fault: string;
  /** The fault from the start of the function, and after the party's values were known and have become old. */
  readonly cold: Phase;
  readonly warm: Phase;
  /** Calls to the party in both phases. */
  readonly calls: number;
  /** Milliseconds from the end of the fault to the first round of which every sound caller is allowed. */
  readonly recovery: { readonly cold: number; readonly warm: number };
  readonly violations: readonly string[];
  /** What came too late or too often. It depends on the machine too. */
  readonly untimely: readonly string[];
}

export interface CaseOptions {
  /** Rounds of requests of each phase. */
  readonly rounds: number;
}

/** Runs one fault of one party: before its values are known, and after. */
export async function runCase(party: PartyName, fault: Fault, { rounds }: CaseOptions): Promise<CaseResult> {
  const stand = await startStand(await startWorld(party === "entitlements"));
  try {
    const server = stand.world.parties[party];
    await loadOthers(stand, party);
    const cold = await suffer(stand, party, fault, rounds);
    await stand.rounds(1, stand.callers);
    await age(stand, party);
    const warm = await suffer(stand, party, fault, rounds);
    const stale = KEPT.includes(party) && !fault.mayRefuse && warm.phase.blocked > 0;
    const left = await openAfterwards(server);
    return {
      ...{ party, fault: fault.name, cold: cold.phase, warm: warm.phase },
      calls: cold.calls + warm.calls,
      recovery: { cold: cold.recovery, warm: warm.recovery },
      violations: [
        ...cold.phase.violations,
        ...warm.phase.violations,
        ...(stale ? ["values that are known are not used while the party fails"] : []),
        ...(left > 0 ? [`${left} exchanges are left open`] : []),
        ...(await stand.authorizer.troubles()),
      ],
      untimely: [...cold.untimely, ...warm.untimely],
    };
  } finally {
    await stand.close();
    await stand.world.close();
  }
}

/**
 * Lets the function load what it needs, and the values of all other parties, one request at a time, as a function gets
 * them. A table has no values that are kept.
 */
async function loadOthers(stand: Stand, party: PartyName): Promise<void> {
  const others = stand.callers.filter(({ needs }) => ASKED_EACH_TIME.includes(party) || !needs.includes(party));
  for (const caller of others) await stand.ask(caller);
}

async function suffer(stand: Stand, party: PartyName, fault: Fault, rounds: number) {
  const server = stand.world.parties[party];
  const [calls, start] = [server.calls, stand.now()];
  await server.suffer(fault);
  const phase = await stand.rounds(rounds, stand.callers, party, fault);
  const [made, seconds] = [server.calls - calls, (stand.now() - start) / 1000];
  await server.suffer(undefined);
  const recovery = await recoveryOf(stand, party);
  const most = mostCalls(party, phase, seconds);
  const untimely = [
    ...(phase.slowest > LATEST ? [`an answer after ${Math.round(phase.slowest)} ms`] : []),
    ...(made > most ? [`${made} calls of the party in ${seconds.toFixed(1)} s`] : []),
    ...(recovery > RECOVERY ? [`callers are not allowed ${recovery} ms after the party is well`] : []),
  ];
  return { phase, calls: made, recovery, untimely };
}

/**
 * A table or an introspection server is asked for each request, and once more; an API key is looked up in one table, and
 * its owner in another. Values are fetched once in half a second at most while a party
 * fails, apart from the first fetches and those of the budget; the SDK of a secret asks twice.
 */
function mostCalls(party: PartyName, { requests }: Phase, seconds: number): number {
  if (party === "entitlements") return 4 * requests;
  return ASKED_EACH_TIME.includes(party) ? 2 * requests : 2 * (10 + 2 * seconds);
}

async function recoveryOf(stand: Stand, party: PartyName): Promise<number> {
  const asking = stand.callers.filter(({ isSound, needs }) => isSound && needs.includes(party));
  const start = stand.now();
  for (;;) {
    const elapsed = stand.now() - start;
    const { affected } = await stand.rounds(1, asking, party);
    const isAllowed = affected.unavailable + affected.refused + affected.other === 0;
    if (isAllowed || elapsed > 6 * RECOVERY) return elapsed;
  }
}

/** Lets the values of a party become old, while it is well. The discovered address of a key set is kept for a day. */
async function age(stand: Stand, party: PartyName): Promise<void> {
  const asking = stand.callers.filter(({ isSound, needs }) => isSound && needs.includes(party));
  const step = 3_000_000;
  for (let left = AGES[party] ?? 0; left > 0; left -= step) {
    stand.advance(Math.min(left, step));
    if (left > step) await stand.rounds(1, asking);
  }
}

/** Exchanges that the function keeps open after all callers have their answers: a fetch in flight has 3 s. */
async function openAfterwards(server: Party): Promise<number> {
  for (let left = 80; server.open > 0 && left > 0; left--) await delay(50);
  return server.open;
}
