import { EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from "@aws-sdk/client-eventbridge";
import type { SallyportEvent } from "../../domain/events/events.ts";
import { type BusEntry, entryOf, groupsOf } from "./entries.ts";

/** A bus of EventBridge. */
export interface EventBus {
  /**
   * Puts events on the bus, at the same time and in no order. It never rejects: each event has an error in the list that
   * it resolves with, in the order of the events, or undefined if the bus has taken it.
   */
  put(events: readonly SallyportEvent[]): Promise<readonly (Error | undefined)[]>;
}

/** Milliseconds of one attempt. The client makes two. */
const ATTEMPT = 3000;

/** The bus did not take an event. Its name is the bus's own word for the cause, such as `ThrottlingException`. */
class EventRefused extends Error {
  constructor({ ErrorCode = "UnprovenAnswer" }: PutEventsResultEntry = {}) {
    super("The bus did not take the event.");
    this.name = /^[A-Za-z0-9]{1,64}$/.test(ErrorCode) ? ErrorCode : "EventRefused";
  }
}

/** The bus of a name or an ARN. */
export function eventBus(name: string): EventBus {
  const client = new EventBridgeClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: ATTEMPT, requestTimeout: ATTEMPT, throwOnRequestTimeout: true },
  });

  async function putGroup(entries: readonly BusEntry[]): Promise<(Error | undefined)[]> {
    try {
      const command = new PutEventsCommand({ Entries: entries.map((entry) => ({ ...entry, EventBusName: name })) });
      const { Entries = [] } = await client.send(command);
      // The answer lists the results in the order of the request. A taken event has an id there.
      return entries.map((_, index) => (Entries[index]?.EventId ? undefined : new EventRefused(Entries[index])));
    } catch (error) {
      return entries.map(() => (error instanceof Error ? error : new Error("unknown", { cause: error })));
    }
  }

  return {
    put: async (events) => (await Promise.all(groupsOf(events.map(entryOf)).map(putGroup))).flat(),
  };
}
