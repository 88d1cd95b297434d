import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startThread, type ThreadHost } from "../hosts/thread.ts";
import { Instances } from "./instances.ts";
import type { Invocation, Invoker } from "./invoker.ts";
import { StackError } from "./stack-error.ts";
import type { FunctionDefinition } from "./template/function.ts";

/** Seconds, as on Lambda. */
const DEFAULT_TIMEOUT = 3;

/** The functions of a stack. Each starts at its first call. */
export class Functions implements Invoker {
  readonly #definitions: Readonly<Record<string, FunctionDefinition>>;
  readonly #environment: (name: string, own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #instances = new Map<string, Instances>();
  readonly #counts = new Map<string, number>();

  /**
   * @param folder of the template: `CodeUri` is relative to it
   * @param environment gives the variables that a function sees, from its name and the template's variables for it
   */
  constructor(
    definitions: Readonly<Record<string, FunctionDefinition>>,
    folder: string,
    environment: (name: string, own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ) {
    this.#definitions = definitions;
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Starts a function before its first event, so that a broken function is reported at once. @throws {StackError} */
  start(name: string): Promise<void> {
    return this.#instancesOf(name).start();
  }

  /** Invokes a function. If it is missing, or does not answer within its timeout, the answer is an error. */
  async invoke(name: string, event: unknown): Promise<Invocation> {
    this.#counts.set(name, this.invocations(name) + 1);
    try {
      const { log, ...answer } = await this.#instancesOf(name).invoke(event);
      return log.length > 0 ? { ...answer, log } : answer;
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** How often a function was invoked. */
  invocations(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Instances of a function that are starting or running. */
  instances(name: string): number {
    return this.#instances.get(name)?.size ?? 0;
  }

  /** Ends every function. */
  async close(): Promise<void> {
    await Promise.all([...this.#instances.values()].map((instances) => instances.close()));
  }

  #instancesOf(name: string): Instances {
    const known = this.#instances.get(name);
    if (known) return known;
    const timeout = this.#definitions[name]?.timeout ?? DEFAULT_TIMEOUT;
    const instances = new Instances({ open: () => this.#open(name, timeout), timeout });
    this.#instances.set(name, instances);
    return instances;
  }

  async #open(name: string, timeout: number): Promise<ThreadHost> {
    const definition = this.#definitions[name];
    if (!definition) throw new StackError(`The template has no function ${name}.`);
    const { code, handler, environment, memory } = definition;
    const folder = "bundle" in code ? resolve("dist/functions", code.bundle) : resolve(this.#folder, code.folder);
    const [module = "index", exported = "handler"] = handler.split(".");
    for (const extension of ["mjs", "js", "cjs"]) {
      const file = resolve(folder, `${module}.${extension}`);
      if (!existsSync(file)) continue;
      const variables = this.#environment(name, environment);
      return startThread(pathToFileURL(file), variables, { exported, timeout, memory, name }).catch((error: Error) => {
        throw new StackError(`${name} does not start: ${error.message}`);
      });
    }
    throw new StackError(`${name} is not built: there is no ${module}.mjs in ${folder}. Run npm run build.`);
  }
}
