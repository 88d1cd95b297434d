import { LOG_EVENT_BYTES, PRICES, WHOLE_PROCESSOR } from "./prices.ts";

/** What an authorizer does for one decision. */
export interface Decision {
  /** Milliseconds of a whole processor. */
  readonly cpu: number;
  /** Milliseconds in which it waits for a remote party. */
  readonly wait: number;
  /** Strongly consistent reads of items of up to 4 KB. */
  readonly reads: number;
}

export interface Deployment {
  /** MB of memory. */
  readonly memory: number;
  /** Share of the allowed requests that get a line in the log: `log.allowed`. */
  readonly allowed: number;
}

/** US dollars, by what is paid for. */
export interface Cost {
  readonly invocations: number;
  readonly duration: number;
  readonly reads: number;
  readonly logs: number;
}

/** Bytes of one event of the log: the authorizer's line, its metric, and the three lines that Lambda writes itself. */
export const LINES = { outcome: 750, metric: 280, lambda: [80, 60, 200] } as const;

/** The cost of a number of decisions, all of which allow. */
export function costOf(decisions: number, decision: Decision, { memory, allowed }: Deployment): Cost {
  const seconds = billedMilliseconds(decision, memory) / 1000;
  const events = [...LINES.lambda, LINES.metric].map((bytes) => bytes + LOG_EVENT_BYTES);
  const bytes = events.reduce((sum, each) => sum + each, 0) + allowed * (LINES.outcome + LOG_EVENT_BYTES);
  return {
    invocations: decisions * PRICES.invocation,
    duration: decisions * seconds * (memory / 1024) * PRICES.gigabyteSecond,
    reads: decisions * decision.reads * PRICES.read,
    logs: (decisions * bytes * PRICES.logGigabyte) / 1e9,
  };
}

/** What follows from a number of changes of API keys, in US dollars. */
export interface ChangesCost {
  /** Of the table and its indexes. */
  readonly writes: number;
  readonly events: number;
  /** Of the queue and the function behind it. */
  readonly flushes: number;
  /** Of the function that makes the events, with its log. */
  readonly function: number;
}

/** Milliseconds of one invocation, which waits for the bus, the queue or the control plane. */
const CHANGE_TIME = 100;
/** Bytes of the log of one invocation. */
const CHANGE_LOG = 1200;
/** Writes of a change: the table, and its three indexes. A record of a key is up to 1 KB. */
const CHANGE_WRITES = 4;
/** Calls of the queue for one message: to send, receive and delete it. */
const CALLS = 3;

/**
 * The cost of changes of keys, each in an invocation of its own.
 *
 * @param flushed share of the changes after which the caches are emptied, by two messages
 */
export function costOfChanges(changes: number, flushed: number, memory: number): ChangesCost {
  const seconds = CHANGE_TIME / 1000;
  const logs = (CHANGE_LOG * PRICES.logGigabyte) / 1e9;
  const invocation = PRICES.invocation + seconds * (memory / 1024) * PRICES.gigabyteSecond + logs;
  return {
    writes: changes * CHANGE_WRITES * PRICES.write,
    events: changes * PRICES.event,
    flushes: changes * flushed * 2 * (CALLS * PRICES.message + invocation),
    function: changes * invocation,
  };
}

export const totalOf = ({ invocations, duration, reads, logs }: Cost): number => invocations + duration + reads + logs;

/** Lambda bills whole milliseconds. Below a whole processor, computing takes as much longer as the share is smaller. */
export function billedMilliseconds({ cpu, wait }: Decision, memory: number): number {
  return Math.max(1, Math.ceil(cpu / Math.min(1, memory / WHOLE_PROCESSOR) + wait));
}

/**
 * Decisions for a number of requests. A caller's first request is decided, and the answer serves for the TTL; the
 * next request after that is decided again. With requests at random times, one of `1 + rate × TTL` is decided.
 *
 * @param ttl seconds
 * @param rate requests a second of one caller with one credential
 */
export function decisionsFor(requests: number, ttl: number, rate: number): number {
  return requests / (1 + rate * ttl);
}
