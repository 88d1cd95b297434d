import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { requestEvent } from "../../local/events/rest.ts";
import type { World } from "./world.ts";

/** What a measured process is fed with: credentials, and the event that one of them makes. */
export interface Case {
  /** The event as JSON, in pieces with the credential between them; absent: a yardstick that takes the credential alone. */
  readonly frame?: readonly string[];
  readonly credentials: readonly string[];
  /** Whether each credential is used once; otherwise they are used in turn. */
  readonly fresh: boolean;
}

const PLACE = "CREDENTIAL";

/** The event of a REST API's REQUEST authorizer for `Authorization: SCHEME CREDENTIAL`, in pieces. */
export function eventFrame(scheme: string, time: number): string[] {
  const event = requestEvent({
    ...{ method: "GET", path: "/tenants/acme/orders", resource: "/tenants/{tenant}/orders", stage: "prod" },
    ...{ address: "203.0.113.7", time, headers: { Authorization: `${scheme} ${PLACE}` } },
  });
  return JSON.stringify(event).split(PLACE);
}

/** Writes a case to a file, from which processes read it. */
export async function writeCase(world: World, name: string, content: Case): Promise<string> {
  const file = join(world.folder, `${name.replaceAll(/\W+/g, "-")}.case.json`);
  await writeFile(file, JSON.stringify(content));
  return file;
}
