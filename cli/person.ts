import { Writable } from "node:stream";
import type { Person } from "./command-io.ts";
import { Failure } from "./failure.ts";

/** The person at the terminal of this process; undefined if there is none. Questions go to standard error. */
export function personAtTerminal(): Person | undefined {
  const { stdin, stderr } = process;
  return stdin.isTTY && stderr.isTTY ? { ask } : undefined;
}

async function ask(question: string, isHidden = false): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  // What is typed is shown by the output of readline: with none, it is not shown.
  const output = isHidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  if (isHidden) process.stderr.write(question);
  const gone = new Promise<never>((_, reject) => {
    lines.once("close", () => reject(new Failure("There is no answer. Nothing was changed.")));
    lines.once("SIGINT", () => lines.close());
  });
  try {
    return await Promise.race([lines.question(question), gone]);
  } finally {
    gone.catch(() => {});
    lines.close();
    if (isHidden) process.stderr.write("\n");
  }
}
