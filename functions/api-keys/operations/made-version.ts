import { type KeyRecord, versionOf } from "../../../providers/api-key/record.ts";
import type { Call } from "./call.ts";

/** Looks up whether the record of a key shows that a request was made, and which version it made. */
export const madeVersionIn =
  ({ table }: Call, isMade: (record: KeyRecord, begun: string) => boolean) =>
  async (keyId: string, begun: string): Promise<number | undefined> => {
    const { record } = await table.get(keyId, new AbortController().signal);
    return record && isMade(record, begun) ? versionOf(record) : undefined;
  };
