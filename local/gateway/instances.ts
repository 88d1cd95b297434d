import type { Answer } from "../hosts/host.ts";
import type { ThreadHost } from "../hosts/thread.ts";

/** The most instances of one function. Lambda has many more; here each is a thread with a heap of its own. */
export const MAX_INSTANCES = 5;

/** How to run a function. */
export interface InstanceOptions {
  /** Starts one instance. */
  readonly open: () => Promise<ThreadHost>;
  /** The function's timeout in seconds. */
  readonly timeout: number;
}

/**
 * The instances of a function. As on Lambda, each answers one event at a time, another one is started while all are
 * busy, and the timeout counts from the event's start in its instance. Where Lambda would throttle, an event waits.
 */
export class Instances {
  readonly #options: InstanceOptions;
  readonly #starting = new Set<Promise<ThreadHost>>();
  readonly #running = new Set<ThreadHost>();
  readonly #idle: ThreadHost[] = [];
  readonly #waiting: PromiseWithResolvers<ThreadHost>[] = [];
  #isClosed = false;

  constructor(options: InstanceOptions) {
    this.#options = options;
  }

  /** How many are starting or running. */
  get size(): number {
    return this.#starting.size + [...this.#running].filter((instance) => !instance.isEnded()).length;
  }

  /** Starts an instance before the first event. @throws the error of its start */
  async start(): Promise<void> {
    this.#release(await this.#take());
  }

  /** Answers an event. @throws {Error} if the instance does not start, ends, or does not answer within the timeout */
  async invoke(event: unknown): Promise<Answer> {
    const instance = await this.#take();
    try {
      const answer = await within(this.#options.timeout, instance.invoke(event));
      this.#release(instance);
      return answer;
    } catch (error) {
      // Like Lambda, an instance that hangs is ended.
      this.#discard(instance);
      throw error;
    }
  }

  /** Ends all. Events without an answer fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("The function was ended."));
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#running].map((instance) => instance.close()));
  }

  /** An idle instance, a new one, or the next one that is free. */
  async #take(): Promise<ThreadHost> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (!idle.isEnded()) return idle;
      this.#running.delete(idle);
    }
    if (this.size < MAX_INSTANCES) return this.#open();
    const turn = Promise.withResolvers<ThreadHost>();
    this.#waiting.push(turn);
    return turn.promise;
  }

  async #open(): Promise<ThreadHost> {
    if (this.#isClosed) throw new Error("The function was ended.");
    const starting = this.#options.open();
    this.#starting.add(starting);
    try {
      const instance = await starting;
      this.#starting.delete(starting);
      this.#running.add(instance);
      return instance;
    } catch (error) {
      this.#starting.delete(starting);
      this.#replace();
      throw error;
    }
  }

  #release(instance: ThreadHost): void {
    if (instance.isEnded()) {
      this.#discard(instance);
      return;
    }
    const next = this.#waiting.shift();
    if (next) next.resolve(instance);
    else this.#idle.push(instance);
  }

  #discard(instance: ThreadHost): void {
    this.#running.delete(instance);
    void instance.close();
    this.#replace();
  }

  /** Starts an instance for the first event that waits. */
  #replace(): void {
    if (this.size < MAX_INSTANCES) this.#waiting.shift()?.resolve(this.#open());
  }
}

async function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Task timed out after ${seconds.toFixed(2)} seconds`)), seconds * 1000);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
