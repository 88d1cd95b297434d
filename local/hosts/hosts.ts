import { gateway } from "./gateway.ts";
import type { HostKind } from "./host.ts";
import { runtimeInterface } from "./runtime-interface.ts";
import { sam, samWarm } from "./sam.ts";
import { thread } from "./thread.ts";

/** Everything that can run the built function, by the name that `SALLYPORT_TEST_HOST` takes. */
export const HOSTS = { thread, ric: runtimeInterface, sam, "sam-warm": samWarm, gateway } as const satisfies Record<
  string,
  HostKind
>;

/** Name of something that can run the built function. */
export type HostName = keyof typeof HOSTS;
