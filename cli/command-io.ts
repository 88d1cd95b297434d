import type { Config, SallyportConfig } from "../shared/domain/config/schema.ts";

/** What a command may touch. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** The checked configuration. @throws {ConfigurationError} */
  readonly config: () => Promise<Config>;
  /** The project's configuration as it is written: not checked, without defaults. */
  readonly writtenConfig: () => Promise<SallyportConfig>;
}

/** Says with which exit code the command line ends. */
export type End = (exitCode: number) => void;
