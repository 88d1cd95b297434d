import type { CommandIo } from "../../cli/command-io.ts";
import { sallyport } from "../../cli/sallyport.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process, with the given configuration. */
export async function inProcess(
  argv: readonly string[],
  { config, writtenConfig }: Partial<Pick<CommandIo, "config" | "writtenConfig">> = {},
): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const absent = () => Promise.reject(new Error("This test has no configuration."));
  const code = await sallyport(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    config: config ?? absent,
    writtenConfig: writtenConfig ?? absent,
    locate: async () => () => undefined,
  });
  return { code, stdout, stderr };
}
