import { setTimeout as delay } from "node:timers/promises";
import { type Authorizer, type Seen, startAuthorizer } from "./authorizer.ts";
import { type Caller, createCallers, eventOf } from "./callers.ts";
import type { PartyName } from "./parties.ts";
import type { Fault } from "./party.ts";
import { startWorld, type World } from "./world.ts";

/** Answers of one kind of caller in one phase, as counts by their outcome. */
export type Outcomes = Record<Seen["outcome"], number>;

/** What callers saw in one phase. */
export interface Phase {
  /** Answers to sound callers that need the faulty party. */
  readonly affected: Outcomes;
  readonly requests: number;
  readonly slowest: number;
  readonly violations: readonly string[];
  /** Answers that a busy machine brought too late from a party in health: `unavailable`, and rightly so. */
  readonly late: number;
  /** Sound callers that need the faulty party, and saw `unavailable` because of it. */
  readonly blocked: number;
}

/** An authorizer with its parties, callers and clock. */
export interface Stand {
  readonly world: World;
  readonly callers: readonly Caller[];
  readonly authorizer: Authorizer;
  /** Moves the clock, in milliseconds. Below 0 it is set back. */
  advance(milliseconds: number): void;
  /** The authorizer's time in milliseconds since the epoch. */
  now(): number;
  ask(caller: Caller): Promise<Seen>;
  /**
   * Sends requests of the callers in rounds, which do not wait for slow answers.
   *
   * @param faulty the party of which the callers may see something
   */
  rounds(count: number, callers: readonly Caller[], faulty?: PartyName, fault?: Fault): Promise<Phase>;
  close(): Promise<void>;
}

/**
 * Starts an authorizer, with parties of its own unless there are some.
 *
 * @param pepper that API keys are issued with; by default the one that is published
 */
export async function startStand(existing?: World, pepper?: string): Promise<Stand> {
  const world = existing ?? (await startWorld());
  const callers = await createCallers(world, pepper);
  const authorizer = await startAuthorizer(world.environment);
  let offset = 0;
  const now = () => Date.now() + offset;

  const ask = (caller: Caller) => authorizer.invoke(eventOf(caller, Math.floor(now() / 1000)));
  const advance = (milliseconds: number) => {
    offset += milliseconds;
    authorizer.setClock(offset);
  };

  async function rounds(count: number, asking: readonly Caller[], faulty?: PartyName, fault?: Fault): Promise<Phase> {
    const answers: { caller: Caller; seen: Seen }[] = [];
    const all: Promise<unknown>[] = [];
    for (let round = 0; round < count; round++) {
      const asked = asking.map(async (caller) => answers.push({ caller, seen: await ask(caller) }));
      all.push(...asked);
      const isQuick = await Promise.race([Promise.all(asked).then(() => true), delay(150, false)]);
      // While an exchange is under way, time passes by itself.
      if (isQuick) advance(300);
    }
    await Promise.all(all);
    const affected: Outcomes = { allow: 0, refused: 0, unavailable: 0, other: 0 };
    for (const { caller, seen } of answers) {
      if (isAffected(caller, faulty)) affected[seen.outcome]++;
    }
    const blocked = answers.filter(
      ({ caller, seen }) =>
        isAffected(caller, faulty) && seen.outcome === "unavailable" && !isLate(caller, seen, faulty),
    );
    return {
      affected,
      blocked: blocked.length,
      requests: answers.length,
      slowest: Math.max(...answers.map(({ seen }) => seen.milliseconds)),
      late: answers.filter(({ caller, seen }) => isLate(caller, seen, faulty)).length,
      violations: [...new Set(answers.flatMap(({ caller, seen }) => violationOf(caller, seen, faulty, fault) ?? []))],
    };
  }

  return {
    ...{ world, callers, authorizer, advance, now, ask, rounds },
    close: async () => {
      await authorizer.close();
      if (!existing) await world.close();
    },
  };
}

/** An exchange with a table that is well has 1.5 s. A process that gets no processor for so long proves nothing. */
function isLate({ isSound, needs }: Caller, { outcome, milliseconds }: Seen, faulty?: PartyName): boolean {
  const asksTable = needs.includes("DynamoDB") && faulty !== "DynamoDB" && faulty !== "entitlements";
  return isSound && asksTable && outcome === "unavailable" && milliseconds > 1000;
}

const isAffected = ({ isSound, needs }: Caller, faulty?: PartyName) =>
  isSound && faulty !== undefined && needs.includes(faulty);

/** What must not be, whatever a party does. */
function violationOf(caller: Caller, seen: Seen, faulty?: PartyName, fault?: Fault): string | undefined {
  const { outcome } = seen;
  if (!caller.isSound) return outcome === "allow" || outcome === "other" ? `${caller.name}: ${outcome}` : undefined;
  if (outcome === "allow") return seen.principal === caller.principal ? undefined : `${caller.name}: another principal`;
  if (outcome === "unavailable" && (isAffected(caller, faulty) || isLate(caller, seen, faulty))) return undefined;
  if (outcome === "refused" && isAffected(caller, faulty) && fault?.mayRefuse) return undefined;
  return `${caller.name}: ${outcome}`;
}
