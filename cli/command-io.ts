import type { Mistake } from "../shared/domain/config/mistakes.ts";
import type { Config, SallyportConfig } from "../shared/domain/config/schema.ts";

/** Everything outside the process's memory that a command reads and writes. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** The checked configuration. @throws {ConfigurationError} */
  readonly config: () => Promise<Config>;
  /** The project's configuration as the file states it: unchecked and without defaults. */
  readonly writtenConfig: () => Promise<SallyportConfig>;
  /** Finds options in the configuration's file. */
  readonly locate: () => Promise<Locate>;
}

/** The place of an option by its path; undefined if it cannot be found. */
export type Locate = (path: string) => Required<Pick<Mistake, "place">> | undefined;

/** Sets the exit code of the command line. */
export type End = (exitCode: number) => void;
