import { EventEmitter, once } from "node:events";
import type { Invocation, Invoker } from "../../../local/gateway/invoker.ts";

/** What a function in a test answers: by default that it has done its work. */
export type Handler = (event: never, name: string) => Invocation | Promise<Invocation>;

/** Functions that keep their events, for a test of what feeds them. */
export class Recorder implements Invoker {
  readonly events: { readonly name: string; readonly event: never }[] = [];
  readonly #answered = new EventEmitter();
  #count = 0;
  handler: Handler;

  constructor(handler: Handler = () => ({ result: null })) {
    this.handler = handler;
  }

  async invoke(name: string, event: unknown): Promise<Invocation> {
    this.events.push({ name, event: event as never });
    try {
      return await this.handler(event as never, name);
    } finally {
      // Whoever asked has seen the answer first.
      setImmediate(() => {
        this.#count++;
        this.#answered.emit("answered");
      });
    }
  }

  /** Resolves with all events, when as many have been answered. */
  async after(count: number): Promise<never[]> {
    while (this.#count < count) await once(this.#answered, "answered");
    return this.events.map(({ event }) => event);
  }
}
