import { gateway } from "./gateway.ts";
import type { HostKind } from "./host.ts";
import { runtimeInterface } from "./runtime-interface.ts";
import { sam, samWarm } from "./sam.ts";
import { thread } from "./thread.ts";

/** All hosts for the built function, by their names in `SALLYPORT_TEST_HOST`. */
export const HOSTS = { thread, ric: runtimeInterface, sam, "sam-warm": samWarm, gateway } as const satisfies Record<
  string,
  HostKind
>;

/** Name of a host. */
export type HostName = keyof typeof HOSTS;
