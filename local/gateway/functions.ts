import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Answer, FunctionHost } from "../hosts/host.ts";
import { startThread } from "../hosts/thread.ts";
import type { Invocation, Invoker } from "./invoker.ts";
import { StackError } from "./stack-error.ts";
import type { FunctionDefinition } from "./template/function.ts";

/** The functions of a stack. Each starts at its first call. */
export class Functions implements Invoker {
  readonly #definitions: Readonly<Record<string, FunctionDefinition>>;
  readonly #environment: (name: string, own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #onLog: (name: string, log: Answer["log"]) => void;
  readonly #hosts = new Map<string, Promise<FunctionHost>>();
  readonly #counts = new Map<string, number>();

  /**
   * @param folder of the template: `CodeUri` is relative to it
   * @param environment gives the variables that a function sees, from its name and the template's variables for it
   * @param onLog gets the lines that a function logs while it answers an event
   */
  constructor(
    definitions: Readonly<Record<string, FunctionDefinition>>,
    folder: string,
    environment: (name: string, own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
    onLog: (name: string, log: Answer["log"]) => void = () => {},
  ) {
    this.#definitions = definitions;
    this.#folder = folder;
    this.#environment = environment;
    this.#onLog = onLog;
  }

  /** Starts a function before its first event, so that a broken function is reported at once. @throws {StackError} */
  start(name: string): Promise<FunctionHost> {
    let host = this.#hosts.get(name);
    if (!host) {
      host = this.#open(name);
      this.#hosts.set(name, host);
      host.catch(() => this.#hosts.delete(name));
    }
    return host;
  }

  /** Invokes a function. If it is missing, or does not answer within its timeout, the answer is an error. */
  async invoke(name: string, event: unknown): Promise<Invocation> {
    this.#counts.set(name, this.invocations(name) + 1);
    const starting = this.start(name);
    try {
      const host = await starting;
      const { log, ...answer } = await withTimeout(host.invoke(event), this.#definitions[name]?.timeout ?? 3);
      this.#onLog(name, log);
      return answer;
    } catch (error) {
      // Like Lambda, a function that hangs is ended, and the next event starts it again. Several events may wait for
      // the same host: only the first one removes it from the map.
      if (this.#hosts.get(name) === starting) this.#hosts.delete(name);
      void starting.then(
        (hanging) => hanging.close(),
        () => {},
      );
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** How often a function was invoked. */
  invocations(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Ends every function. */
  async close(): Promise<void> {
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await Promise.allSettled(hosts.map(async (host) => (await host).close()));
  }

  async #open(name: string): Promise<FunctionHost> {
    const definition = this.#definitions[name];
    if (!definition) throw new StackError(`The template has no function ${name}.`);
    const { code, handler, environment } = definition;
    const folder = "bundle" in code ? resolve("dist/functions", code.bundle) : resolve(this.#folder, code.folder);
    const [module = "index", exported = "handler"] = handler.split(".");
    for (const extension of ["mjs", "js", "cjs"]) {
      const file = resolve(folder, `${module}.${extension}`);
      if (!existsSync(file)) continue;
      return startThread(pathToFileURL(file), this.#environment(name, environment), exported).catch((error: Error) => {
        throw new StackError(`${name} does not start: ${error.message}`);
      });
    }
    throw new StackError(`${name} is not built: there is no ${module}.mjs in ${folder}. Run npm run build.`);
  }
}

async function withTimeout<T>(answer: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Task timed out after ${seconds.toFixed(2)} seconds`)), seconds * 1000);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
