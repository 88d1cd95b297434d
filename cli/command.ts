import type { Config } from "../shared/domain/config/schema.ts";

/** What a command may touch. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** The checked configuration. @throws {ConfigurationError} */
  readonly config: () => Promise<Config>;
}

/** Runs with the arguments behind its name and resolves with the exit code: 0 done, 1 failed, 2 wrong usage. */
export type Command = (argv: string[], io: CommandIo) => Promise<number>;
