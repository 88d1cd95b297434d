import { HOSTS, type HostName } from "../../local/hosts/hosts.ts";

const name = (process.env.SALLYPORT_TEST_HOST ?? "thread") as HostName;

/**
 * The host that runs the function in the end-to-end tests. `SALLYPORT_TEST_HOST`: `thread` (default), `gateway`, `ric`,
 * `sam`, `sam-warm`.
 */
export const host = HOSTS[name];
if (!host) throw new Error(`SALLYPORT_TEST_HOST takes one of ${Object.keys(HOSTS).join(", ")}.`);

/** The reason why the host cannot run here, if there is one. Its tests are then skipped with this reason. */
export const missing = host.missing();
if (missing) console.warn(`The end-to-end tests ${host.title} are skipped: ${missing}.`);
