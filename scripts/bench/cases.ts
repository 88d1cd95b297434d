import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { requestEvent } from "../../local/events/rest.ts";
import type { World } from "./world.ts";

/** The input of a measured process: credentials, and an event for them. */
export interface Case {
  /** The event as JSON, split where the credential goes; absent if the yardstick takes only a credential. */
  readonly frame?: readonly string[];
  readonly credentials: readonly string[];
  /** Whether each credential is used only once; otherwise they are used in rotation. */
  readonly fresh: boolean;
}

const PLACE = "CREDENTIAL";

/**
 * The event of a REST API's REQUEST authorizer for `Authorization: SCHEME CREDENTIAL`, split where the credential goes.
 */
export function eventFrame(scheme: string, time: number): string[] {
  const event = requestEvent({
    ...{ method: "GET", path: "/tenants/acme/orders", resource: "/tenants/{tenant}/orders", stage: "prod" },
    ...{ address: "203.0.113.7", time, headers: { Authorization: `${scheme} ${PLACE}` } },
  });
  return JSON.stringify(event).split(PLACE);
}

/** Writes a case to a file for the measured process. */
export async function writeCase(world: World, name: string, content: Case): Promise<string> {
  const file = join(world.folder, `${name.replaceAll(/\W+/g, "-")}.case.json`);
  await writeFile(file, JSON.stringify(content));
  return file;
}
