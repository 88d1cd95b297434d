import type { Faults } from "../../local/cloud/faults.ts";

/** What fails while keys are changed and used. */
export interface KeyFaultCase {
  readonly name: string;
  readonly plan: (faults: Faults) => void;
  /** Milliseconds after which the faults end by themselves. Absent: they strike as often as they are planned. */
  readonly endsAfter?: number;
  /** Whether a record that nobody can read is put into the table. */
  readonly poison?: true;
  /** Milliseconds after which no refused secret may be accepted, where a flush has to be repeated. Absent: the target. */
  readonly limit?: number;
  /** Whether flushes fail for so long that only the end of a cached policy is left as a bound. */
  readonly leavesCaches?: true;
}

const THROTTLED = { effect: "fail", code: "ThrottlingException", status: 400 } as const;
const FLUSH = "FlushStageAuthorizersCache";
const RESET = "ResetAuthorizersCache";

export const CASES: readonly KeyFaultCase[] = [
  { name: "nothing fails", plan: () => {} },
  {
    name: "the bus throttles",
    limit: 15_000,
    plan: (faults) => faults.plan("call", "PutEvents", THROTTLED, 20),
  },
  {
    name: "the bus takes events and its answers are lost",
    limit: 15_000,
    plan: (faults) => faults.plan("call", "PutEvents", { effect: "lose" }, 8),
  },
  {
    name: "the bus is slow",
    limit: 15_000,
    plan: (faults) => faults.plan("call", "PutEvents", { effect: "late", by: 2500 }, 6),
  },
  {
    name: "the bus takes everything twice",
    plan: (faults) => faults.plan("call", "PutEvents", { effect: "twice" }, 50),
  },
  {
    name: "the function on the stream fails before its work",
    limit: 15_000,
    plan: (faults) => faults.plan("delivery", "KeyEvents", { effect: "fail" }, 6),
  },
  {
    name: "the function on the stream crashes between event and answer",
    limit: 15_000,
    plan: (faults) => faults.plan("delivery", "KeyEvents", { effect: "lose" }, 6),
  },
  {
    name: "the stream delivers twice",
    plan: (faults) => faults.plan("delivery", "KeyEvents", { effect: "twice" }, 50),
  },
  {
    name: "some batches are late, and others overtake them",
    plan: (faults) => faults.plan("delivery", "KeyEvents", { effect: "late", by: 1500 }, 4),
  },
  {
    name: "the queue of flushes takes no message",
    limit: 15_000,
    plan: (faults) => {
      for (const name of ["SendMessage", "SendMessageBatch"]) faults.plan("call", name, { effect: "fail" }, 6);
    },
  },
  {
    name: "the function of flushes crashes after its work, or gets messages twice",
    limit: 15_000,
    plan: (faults) => {
      faults.plan("delivery", "CacheFlush", { effect: "lose" }, 3);
      faults.plan("delivery", "CacheFlush", { effect: "twice" }, 3);
    },
  },
  {
    name: "flushes are throttled",
    limit: 15_000,
    plan: (faults) => {
      for (const name of [FLUSH, RESET]) faults.plan("call", name, { ...THROTTLED, status: 429 }, 4);
    },
  },
  {
    name: "flushes fail for a minute",
    plan: (faults) => {
      for (const name of [FLUSH, RESET]) faults.plan("call", name, { effect: "fail" }, Number.POSITIVE_INFINITY);
    },
    endsAfter: 60_000,
    leavesCaches: true,
  },
  { name: "a record in the table is poisoned", plan: () => {}, poison: true },
];
