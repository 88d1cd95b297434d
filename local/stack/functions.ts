import { dirname } from "node:path";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { Functions } from "../gateway/functions.ts";
import type { Invoker } from "../gateway/invoker.ts";
import type { Stack } from "../gateway/template/read.ts";
import { writeConfigFile } from "../hosts/config-file.ts";

/** Options for the functions of a template. */
export interface FunctionsOptions {
  /** Path of the template; the folders of functions are relative to it. */
  readonly template: string;
  readonly config: SallyportConfig;
  /** Environment variables of every function, which override the template's. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The functions of a template, running. */
export interface RunningFunctions extends Invoker {
  close(): Promise<void>;
}

/**
 * Starts the authorizers of a template, so that a wrong configuration is reported before the first request. Other
 * functions start at their first event.
 *
 * @throws {StackError} if an authorizer does not start
 */
export async function startFunctions(stack: Stack, options: FunctionsOptions): Promise<RunningFunctions> {
  const { template, config, environment } = options;
  await using cleanup = new AsyncDisposableStack();
  const { file, remove } = await writeConfigFile(config);
  cleanup.defer(remove);
  // A function keeps the template's own variables, and so its cache settings.
  const variables = { ...environment, SALLYPORT_CONFIG: `file:${file}` };
  const functions = new Functions(stack.functions, dirname(template), (_, own) => ({ ...own, ...variables }));
  cleanup.defer(() => functions.close());
  await Promise.all(authorizersOf(stack).map((name) => functions.start(name)));
  const running = cleanup.move();
  return {
    invoke: (name, event) => functions.invoke(name, event),
    close: () => running.disposeAsync(),
  };
}

/** Logical ids of the functions that authorize. */
export function authorizersOf({ apis }: Stack): string[] {
  const names = apis.flatMap(({ authorizers }) => Object.values(authorizers).map((authorizer) => authorizer.function));
  return [...new Set(names)];
}
