import type { Mistake } from "../shared/domain/config/mistakes.ts";
import type { Config, SallyportConfig } from "../shared/domain/config/schema.ts";

/** Everything outside the process's memory that a command reads and writes. */
export interface CommandIo {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Standard input, for commands that read it. Absent: there is none. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  /** Who answers questions. Absent: nobody is at a terminal. */
  readonly person?: Person | undefined;
  /** The checked configuration. @throws {ConfigurationError} */
  readonly config: () => Promise<Config>;
  /** The project's configuration as the file states it: unchecked and without defaults. */
  readonly writtenConfig: () => Promise<SallyportConfig>;
  /** Options by which a command that is suggested has the same place, such as ` --local`. Absent: none. */
  readonly target?: string;
  /** Finds options in the configuration's file. */
  readonly locate: () => Promise<Locate>;
}

/** Where a command writes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal in characters. */
  readonly columns?: number | undefined;
}

/** A person at the terminal. */
export interface Person {
  /**
   * Asks a question, and resolves with the answer.
   *
   * @param isHidden whether the answer is a secret, which the terminal does not show
   * @throws {Failure} if the person goes away
   */
  ask(question: string, isHidden?: boolean): Promise<string>;
}

/** The place of an option by its path; undefined if it cannot be found. */
export type Locate = (path: string) => Required<Pick<Mistake, "place">> | undefined;

/** Sets the exit code of the command line. */
export type End = (exitCode: number) => void;
