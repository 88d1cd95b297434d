import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import type { EventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import { logger } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { announce } from "./announce.ts";
import { endingCertificates } from "./ending-certificates.ts";
import { endingKeys } from "./ending-keys.ts";
import { KEYS_OF_A_RUN, movedEnds } from "./moved-ends.ts";
import { unusedKeys } from "./unused-keys.ts";
import { walkOverKeys } from "./walk.ts";
import { firstState, type WatchState } from "./watch-state.ts";
import type { WatchTable } from "./watch-table.ts";
import type { Part } from "./watcher.ts";

/** What the schedule works with. */
export interface WatchTools {
  /** The configuration of this run. */
  loadConfig(): Promise<Config>;
  openKeys(table: string): KeyTable;
  readonly table: WatchTable;
  readonly bus: EventBus;
  readonly fetch: typeof globalThis.fetch;
  /** Default: `KEYS_OF_A_RUN`. */
  readonly keysOfARun?: number;
}

/** Milliseconds before the function's timeout at which a part stops, to go on with the next run. */
const EARLY_STOP = 30_000;

/** The parts of a run, the urgent ones first. */
const PARTS: Readonly<Record<string, Part>> = { endingKeys, movedEnds, endingCertificates, unusedKeys, walkOverKeys };

/** Parts of a run failed. The others are done, and the next run goes on where the failed ones were. */
class RunFailed extends Error {
  override readonly name = "RunFailed";
}

/** Builds the handler of the schedule. A part that fails does not stop the others. */
export function createHandler({ loadConfig, openKeys, table, bus, fetch, keysOfARun = KEYS_OF_A_RUN }: WatchTools) {
  return middy()
    .use(injectLambdaContext(logger, { logEvent: false }))
    .handler(async (_event: unknown, context): Promise<{ readonly sent: number }> => {
      const now = Math.floor(Date.now() / 1000);
      const config = await loadConfig();
      const keys = openKeys(config.apiKeys?.table ?? "");
      let state: WatchState = (await table.state()) ?? firstState(now);
      const failures: unknown[] = [];
      let all = 0;
      for (const [part, run] of Object.entries(PARTS)) {
        // Without a section there is nothing of it to watch.
        if (part !== "endingCertificates" && !config.apiKeys) continue;
        let sent = 0;
        try {
          const changes = await run({
            ...{ config, keys, table, state, now, fetch, keysOfARun },
            isLate: () => context.getRemainingTimeInMillis() < EARLY_STOP,
            announce: async (events) => {
              const count = await announce(events, bus, table, now);
              sent += count;
              all += count;
              return count;
            },
          });
          state = { ...state, ...changes };
          await table.keep(state);
          logger.info("watched", { part, sent });
        } catch (error) {
          failures.push(error);
          const cause = causeOf(error);
          logger.error("watch failed", { part, sent, ...(cause && { cause }) });
        }
      }
      if (failures.length > 0) throw new RunFailed(`${failures.length} parts failed.`, { cause: failures[0] });
      // Nobody reads it on AWS. Whoever runs the schedule by hand sees that it did.
      return { sent: all };
    });
}
