import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import type { Random } from "../../test/model/random.ts";
import type { OperatedKey } from "./operators.ts";

/** What callers got in all. */
export interface Calls {
  requests: number;
  accepted: number;
  /** Milliseconds for which a secret had been refused at most when a request with it was sent and accepted. */
  latest: number;
  /** Requests with a sound secret that were refused. */
  wronglyRefused: number;
  troubled: number;
}

/** Milliseconds between two requests of a caller. */
const PAUSE = 15;

/** Sends requests with current and earlier secrets of random keys, until the signal. */
export async function call(
  urls: readonly string[],
  keys: readonly OperatedKey[],
  random: Random,
  signal: AbortSignal,
  calls: Calls,
): Promise<void> {
  while (!signal.aborted) {
    await setTimeout(PAUSE);
    if (keys.length === 0) continue;
    const key = random.pick(keys);
    const { text, timeline } = random.chance(0.8)
      ? (key.secrets.at(-1) ?? random.pick(key.secrets))
      : random.pick(key.secrets);
    const sent = performance.now();
    const { status } = await fetch(random.pick(urls), { headers: { authorization: `ApiKey ${text}` } });
    const answered = performance.now();
    const refusedFor = timeline.refusedFor(sent, answered);
    calls.requests++;
    if (status === 200) {
      calls.accepted++;
      calls.latest = Math.max(calls.latest, refusedFor);
    } else if (status >= 500) calls.troubled++;
    else if (timeline.isSoundFor(sent, answered)) calls.wronglyRefused++;
  }
}
