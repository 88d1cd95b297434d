import { HOSTS, type HostName } from "../../local/hosts/hosts.ts";

const name = (process.env.SALLYPORT_TEST_HOST ?? "thread") as HostName;

/** What runs the function in the end-to-end tests: `SALLYPORT_TEST_HOST` is `thread` (by default), `gateway`, `ric`, `sam` or `sam-warm`. */
export const host = HOSTS[name];
if (!host) throw new Error(`SALLYPORT_TEST_HOST takes one of ${Object.keys(HOSTS).join(", ")}.`);

/** Why the host cannot run here; its tests are skipped then, and say so. */
export const missing = host.missing();
if (missing) console.warn(`The end-to-end tests ${host.title} are skipped: ${missing}.`);
