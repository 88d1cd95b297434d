import type { CommandIo } from "./command-io.ts";
import { Failure } from "./failure.ts";
import { UsageError } from "./usage-error.ts";

/** Whether a person is asked before what cannot be undone. */
export interface ConsentOptions {
  /** The answer is yes already. */
  readonly yes?: boolean;
}

/**
 * Refuses, before anything is read, what nobody can be asked about.
 *
 * @param why somebody has to be asked
 * @throws {UsageError}
 */
export function demandSomebodyToAsk(
  { yes = false }: ConsentOptions,
  { person }: Pick<CommandIo, "person">,
  why = "this cannot be undone",
): void {
  if (yes || person) return;
  throw new UsageError(`--yes is missing: ${why}, and there is no terminal to ask at.`);
}

/** Asks whether to go on. @throws {Failure} if the answer is no */
export async function demandConsent(
  question: string,
  options: ConsentOptions,
  io: Pick<CommandIo, "person">,
): Promise<void> {
  demandSomebodyToAsk(options, io);
  if (options.yes || (await isAgreed(question, io))) return;
  throw new Failure("Nothing was changed.");
}

/** Whether a person says yes. Everything else, and nobody, is a no. */
export async function isAgreed(question: string, { person }: Pick<CommandIo, "person">): Promise<boolean> {
  return /^(y|yes)$/i.test(((await person?.ask(`${question} [y/N] `)) ?? "").trim());
}
