import { TroubleError } from "../../domain/reasons/errors.ts";
import { RemoteValue } from "../remote/remote-value.ts";
import { READ_TIMEOUT, textOf } from "./load.ts";
import type { ConfigSource } from "./source.ts";

/**
 * What became of a configuration that was read again. `refused`: it has mistakes. `unreadable`: its source failed. In
 * both cases the one before it stays in use.
 */
export type ConfigChange = "changed" | "refused" | "unreadable";

/**
 * Keeps what is made of a remote configuration up to date: it is read again by the first request after `maxAge`, since
 * Lambda has no timers between invocations. Who asks twice may get two different ones, so that a decision asks once.
 *
 * @param build makes something of the text, or fails if it has mistakes
 * @param maxAge seconds
 * @param report is told what became of each later reading, unless the text is the same as before
 * @throws {Error} if the first reading fails
 */
export async function watchConfig<T extends object>(
  source: Pick<ConfigSource, "read">,
  build: (text: string) => T | Promise<T>,
  maxAge: number,
  report: (change: ConfigChange, error?: unknown) => void,
): Promise<() => Promise<T>> {
  /** What each configuration was made of: a reading may end after another one has replaced it, and is not kept then. */
  const texts = new WeakMap<T, string>();
  let latest: string | undefined;

  async function read(signal: AbortSignal, known: T | undefined): Promise<T> {
    const text = await source.read(signal).catch((error: unknown) => {
      if (known) report("unreadable", error);
      throw error;
    });
    latest = text ?? latest;
    if (known && latest === texts.get(known)) return known;
    try {
      const written = textOf(latest);
      const made = await build(written);
      texts.set(made, written);
      if (known) report("changed");
      return made;
    } catch (error) {
      if (!known) throw error;
      report("refused", error);
      return known;
    }
  }

  const times = {
    ...{ timeout: READ_TIMEOUT, maxAge: maxAge * 1000 },
    // A source that fails is no reason to decide nothing.
    staleIfError: Number.POSITIVE_INFINITY,
    budget: { size: 0, refill: Number.POSITIVE_INFINITY },
  };
  const value = new RemoteValue<T>(read, times, "internal_error");
  await value.current().catch((error: unknown) => {
    throw error instanceof TroubleError && error.cause ? error.cause : error;
  });
  return () => value.current();
}
