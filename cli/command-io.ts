import type { Config, SallyportConfig } from "../shared/domain/config/schema.ts";

/** Everything outside the process's memory that a command reads and writes. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** The checked configuration. @throws {ConfigurationError} */
  readonly config: () => Promise<Config>;
  /** The project's configuration as the file states it: unchecked and without defaults. */
  readonly writtenConfig: () => Promise<SallyportConfig>;
}

/** Sets the exit code of the command line. */
export type End = (exitCode: number) => void;
