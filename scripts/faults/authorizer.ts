import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { BUNDLE } from "../../local/hosts/host.ts";

/** What a caller saw. */
export interface Seen {
  readonly outcome: "allow" | "refused" | "unavailable" | "other";
  /** Who was allowed. */
  readonly principal?: string;
  readonly milliseconds: number;
}

/** The built function in a process of its own, which answers many events at a time. */
export interface Authorizer {
  invoke(event: unknown): Promise<Seen>;
  /** Sets its clock ahead of this process's, in milliseconds. */
  setClock(offset: number): void;
  /** Unhandled rejections, uncaught exceptions and warnings. */
  troubles(): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface Message {
  readonly id: number;
  readonly milliseconds: number;
  readonly error?: string;
  readonly result?: { principalId?: string; policyDocument?: { Statement?: readonly { Effect?: string }[] } };
  readonly troubles?: readonly string[];
}

export async function startAuthorizer(environment: Readonly<Record<string, string>>): Promise<Authorizer> {
  const child = fork(fileURLToPath(new URL("worker.mjs", import.meta.url)), {
    env: { PATH: process.env.PATH ?? "", FAULTS_BUNDLE: new URL("index.mjs", BUNDLE).href, ...environment },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  await Promise.race([once(child, "message"), ended(child)]);
  let last = 0;
  const waiting = new Map<number, (message: Message) => void>();
  child.on("message", (message: Message) => {
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const send = (content: object) =>
    new Promise<Message>((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      child.send({ id, ...content });
    });
  return {
    invoke: async (event) => seen(await send({ event })),
    setClock: (clock) => void child.send({ clock }),
    troubles: async () => (await send({ ask: true })).troubles ?? [],
    close: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = await once(child, "exit");
  throw new Error(`the function's process has ended with ${code}`);
}

function seen({ error, result, milliseconds }: Message): Seen {
  if (error === "Unauthorized") return { outcome: "refused", milliseconds };
  if (error === "unavailable") return { outcome: "unavailable", milliseconds };
  const isAllowed = result?.policyDocument?.Statement?.some(({ Effect }) => Effect === "Allow");
  return { outcome: isAllowed ? "allow" : "other", principal: result?.principalId ?? "", milliseconds };
}
