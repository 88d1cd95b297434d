import type { FlushTimes, Times } from "../../../functions/cache-flush/flush-times.ts";
import type { FlushTools } from "../../../functions/cache-flush/flusher.ts";
import { readStages, type Stage } from "../../../functions/cache-flush/stages.ts";

export const ARNS = [
  "arn:aws:apigateway:eu-west-1::/restapis/rest1/stages/prod/cache/authorizers",
  "arn:aws:apigateway:eu-west-1::/apis/http1/stages/$default/cache/authorizers",
];
export const [REST, HTTP] = readStages(ARNS.join(",")) as [Stage, Stage];

/** An instant of the tests, in milliseconds since the epoch. */
export const T = 1_772_445_600_000;

/** A flush that the control plane was asked for. */
export interface Call {
  readonly stage: string;
  /** Milliseconds since T. */
  readonly at: number;
}

/** The parts of a flusher around a clock that only pauses move. */
export class FakeTools implements FlushTools {
  readonly calls: Call[] = [];
  readonly reports: [stage: string, failed: boolean][] = [];
  readonly times: FlushTimes;
  /** Milliseconds since T. */
  clock = 0;
  /** Whether the control plane fails. */
  fails: (call: Call) => boolean = () => false;
  /** Whether the table fails. */
  isTableDown = false;
  readonly stored: Map<string, Times>;

  constructor(stored = new Map<string, Times>()) {
    this.stored = stored;
    const up = () => {
      if (this.isTableDown) throw new Error("the table is down");
    };
    const timesOf = ({ path }: Stage) => stored.get(path) ?? { attempted: 0, lastStart: 0 };
    this.times = {
      read: async (stage) => {
        up();
        return timesOf(stage);
      },
      claim: async (stage, now, interval) => {
        up();
        const times = timesOf(stage);
        if (times.attempted > now - interval && times.attempted <= now + 5000) return false;
        stored.set(stage.path, { ...times, attempted: now });
        return true;
      },
      succeed: async (stage, start) => {
        up();
        stored.set(stage.path, { ...timesOf(stage), lastStart: start });
      },
    };
  }

  readonly controlPlane = {
    flush: async ({ path }: Stage) => {
      const call = { stage: path, at: this.clock };
      this.calls.push(call);
      if (this.fails(call)) throw new Error("TooManyRequests");
    },
  };
  readonly now = () => T + this.clock;
  readonly pause = async (milliseconds: number) => {
    this.clock += milliseconds;
  };
  readonly report = ({ path }: Stage, error: unknown) => void this.reports.push([path, error !== undefined]);
}
