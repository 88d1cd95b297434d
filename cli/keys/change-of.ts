import { hostname, userInfo } from "node:os";
import type { Change } from "../../providers/api-key/management/change.ts";

/** Who makes a change, and why, as the options say. */
export interface ChangeOptions {
  readonly by?: string;
  readonly reason?: string;
}

/** A change at this time, by default by the user of this machine. */
export const changeOf = ({ by = localUser(), reason }: ChangeOptions): Change => ({ by, reason, time: nowInSeconds() });

export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

/** User and machine. It is a note for other operators and no proof. */
function localUser(): string {
  return `${userName()}@${hostname()}`.replace(/[\p{Cc}\p{Cs}]/gu, "").slice(0, 256);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // The user of a container may have no entry.
    return process.env.USER || "unknown";
  }
}
