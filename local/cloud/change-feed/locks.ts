/** Locks by name: who asks for the same name waits in the order of the calls. */
export class Locks {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs a task while no other task with one of these names runs. */
  async hold<T>(names: readonly string[], task: () => Promise<T>): Promise<T> {
    const own = [...new Set(names)];
    const before = own.map((name) => this.#last.get(name));
    // All names are queued in one turn, so that two tasks never wait for each other.
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const name of own) this.#last.set(name, promise);
    await Promise.all(before);
    try {
      return await task();
    } finally {
      resolve();
      for (const name of own) if (this.#last.get(name) === promise) this.#last.delete(name);
    }
  }
}
