import { Readable, Writable } from "node:stream";
import type { CommandIo, Output } from "../../cli/command-io.ts";
import { sallyport } from "../../cli/sallyport.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings extends Partial<Pick<CommandIo, "config" | "writtenConfig" | "person">> {
  /** Width of the terminal to which both outputs go. Absent: they go to none. */
  readonly terminal?: number;
  /** What standard input has. */
  readonly input?: string;
}

/** A person who answers every question in the same way, and what was asked. */
export function personWhoSays(answer: string): Required<Pick<CommandIo, "person">> & { readonly asked: string[] } {
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return answer;
  };
  return { asked, person: { ask } };
}

/** Runs the command line in this process, with the given configuration. */
export async function inProcess(
  argv: readonly string[],
  { config, writtenConfig, person, terminal, input }: Surroundings = {},
): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const absent = () => Promise.reject(new Error("This test has no configuration."));
  const code = await sallyport(argv, {
    stdout: outputTo((text) => (stdout += text), terminal),
    stderr: outputTo((text) => (stderr += text), terminal),
    stdin: Readable.from(input === undefined ? [] : [input]),
    person,
    config: config ?? absent,
    writtenConfig: writtenConfig ?? absent,
    locate: async () => () => undefined,
  });
  return { code, stdout, stderr };
}

/** A terminal is a stream, since Node.js asks it for its colours. */
function outputTo(write: (text: string) => unknown, columns: number | undefined): Output {
  if (columns === undefined) return { write };
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      write(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { isTTY: true, columns });
}
