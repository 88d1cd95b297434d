import type { ControlPlane } from "./control-plane.ts";
import { AHEAD, type FlushTimes, type Times } from "./flush-times.ts";
import type { Stage } from "./stages.ts";

/** Milliseconds between the starts of two attempts at one stage. */
const INTERVAL = 1000;

/** Milliseconds that an invocation waits for its turn at most. */
const LONGEST_WAIT = 3000;

/** Times that an invocation asks for its turn. */
const MAX_TURNS = 3;

/** What a flusher needs. */
export interface FlushTools {
  readonly controlPlane: ControlPlane;
  readonly times: FlushTimes;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Told of each attempt, with the error if it failed. */
  readonly report: (stage: Stage, error: unknown) => void;
}

/**
 * Flushes a stage unless a flush that started at an instant or later has succeeded already, so that any number of requests
 * lead to one call in an interval. Resolves with false if the stage could not be flushed.
 *
 * @param after milliseconds since the epoch
 */
export type Flusher = (stage: Stage, after: number) => Promise<boolean>;

/** Creates a flusher. Where the table with the times fails, it goes by the times of this instance alone. */
export function createFlusher({ controlPlane, times, now, pause, report }: FlushTools): Flusher {
  /** The times of this instance, by the paths of the stages. */
  const own = new Map<string, Times>();
  const ownTimes = ({ path }: Stage) => own.get(path) ?? { attempted: 0, lastStart: 0 };

  async function currentTimes(stage: Stage): Promise<Times> {
    const { attempted, lastStart } = ownTimes(stage);
    const known = await times.read(stage).catch(() => ownTimes(stage));
    return {
      attempted: Math.max(attempted, sane(known.attempted)),
      lastStart: Math.max(lastStart, sane(known.lastStart)),
    };
  }

  const sane = (time: number) => (time <= now() + AHEAD ? time : 0);

  async function attempt(stage: Stage, start: number): Promise<boolean> {
    own.set(stage.path, { ...ownTimes(stage), attempted: start });
    try {
      await controlPlane.flush(stage);
    } catch (error) {
      report(stage, error);
      return false;
    }
    report(stage, undefined);
    own.set(stage.path, { attempted: start, lastStart: start });
    // If this fails, another instance flushes once more.
    await times.succeed(stage, start).catch(() => {});
    return true;
  }

  return async (stage, after) => {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const { attempted, lastStart } = await currentTimes(stage);
      if (lastStart >= after) return true;
      const wait = Math.max(after, attempted + INTERVAL) - now();
      if (wait > LONGEST_WAIT) return false;
      if (wait > 0) await pause(wait);
      const start = Math.max(now(), after);
      if (await times.claim(stage, start, INTERVAL).catch(() => true)) return attempt(stage, start);
    }
    return false;
  };
}
