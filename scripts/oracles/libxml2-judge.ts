import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** What libxml2 says: the canonical octets, or why there are none. */
export type Judgement = { readonly octets: Buffer } | { readonly refused: string };

/** A question to `libxml2.py`, without its document. */
export type Question =
  | { readonly do: "canonical"; readonly find: string; readonly prefixes: readonly string[] }
  | { readonly do: "verify"; readonly id: string; readonly n: string; readonly e: number };

/** libxml2 in a process of its own. It answers in the order of the questions. */
export interface Libxml2 {
  ask(xml: Uint8Array, question: Question): Promise<Judgement>;
  close(): Promise<void>;
}

/** The Python with lxml: `LXML_PYTHON`, or `python3`. Undefined if it has no lxml. */
export function findPython(): string | undefined {
  const python = process.env.LXML_PYTHON ?? "python3";
  return spawnSync(python, ["-c", "import lxml.etree"]).status === 0 ? python : undefined;
}

/** Why there is no judge, for who runs the script or reads the tests' output. */
export const NO_PYTHON =
  "no Python with lxml: LXML_PYTHON names none, and python3 has none. .ci/install/lxml.sh installs one.";

export function startLibxml2(python: string): Libxml2 {
  const child = spawn(python, [new URL("libxml2.py", import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: { resolve: (judgement: Judgement) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(read(line)));
  child.once("exit", () => {
    for (const { reject } of waiting.splice(0)) reject(new Error("libxml2.py has ended"));
  });
  return {
    ask: (xml, question) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify({ ...question, xml: Buffer.from(xml).toString("base64") })}\n`);
      }),
    close: () => ended(child),
  };
}

function read(line: string): Judgement {
  const answer = JSON.parse(line) as { octets?: string; refused?: string };
  return answer.octets === undefined
    ? { refused: answer.refused ?? "no answer" }
    : { octets: Buffer.from(answer.octets, "base64") };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.stdin?.end();
  await exit;
}
