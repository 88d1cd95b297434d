import * as v from "valibot";
import { itemOf, recordOf } from "../../../providers/api-key/item.ts";
import { type Tombstone, tombstone } from "../../../providers/api-key/management/tombstone.ts";
import { type KeyRecord, keyRecord } from "../../../providers/api-key/record.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { isObject } from "../../../shared/domain/object/unknown-object.ts";
import { isKeyId } from "../../../shared/domain/principal/key-id.ts";
import { jsonOf, LineError, lineErrorOf, lineOf } from "../../transfer/line-error.ts";
import { foundText } from "../option-values.ts";
import type { PepperChecks } from "./pepper-check.ts";

/*
 * A file of keys: JSON lines, the header first, then one record in each line. It has hashes of keys and no key. Another
 * table can take them if its configuration has the same peppers under the same ids, the same prefix and environment.
 */

/** Version of the format. A reader refuses a later one. */
const VERSION = 1;

const header = v.object({
  format: v.literal("sallyport-keys"),
  version: v.literal(VERSION),
  prefix: v.string(),
  environment: v.string(),
  /** Ids of the peppers of the configuration that made the file. */
  peppers: v.array(v.string()),
  /** What tells these peppers from others with the same ids. Files of earlier versions have none. */
  pepperChecks: v.optional(v.record(v.string(), v.string()), {}),
});

export type Header = v.InferOutput<typeof header>;

/** The first line of a file of keys. */
export const headerLine = ({ prefix, environment, peppers }: ApiKeysConfig, pepperChecks: PepperChecks): string =>
  lineOf({
    ...{ format: "sallyport-keys", version: VERSION, prefix, environment },
    ...{ peppers: peppers.map(({ id }) => id), pepperChecks },
  });

/** A record as a line. */
export const recordLine = ({ hash, previousHash, ...record }: KeyRecord): string =>
  lineOf({ ...record, hash: base64(hash), ...(previousHash && { previousHash: base64(previousHash) }) });

/** What stays of a deleted key, as a line. The mark of the deletion stays in its table. */
export const tombstoneLine = ({ changeId: _, ...tombstone }: Tombstone): string => lineOf(tombstone);

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** @throws {LineError} if the line is not the header of a file of keys that this version can read */
export function readHeader(line: string): Header {
  const value = jsonOf(line);
  const { version } = Object(value) as { version?: unknown };
  if (typeof version === "number" && version > VERSION) {
    throw new LineError("version", String(version), `${VERSION}: a later Sallyport made the file`);
  }
  const result = v.safeParse(header, value);
  if (result.success) return result.output;
  throw new LineError(
    "the header",
    "something else",
    'the first line of `keys export`, with "format":"sallyport-keys"',
  );
}

/**
 * A record, or what stays of a deleted key.
 *
 * @throws {LineError} if the line is not a record that the table could hold and the configuration verify
 */
export function readRecord(line: string, config: ApiKeysConfig, time: number): KeyRecord | Tombstone {
  const value = jsonOf(line);
  if (!isObject(value)) throw new LineError("the line", foundText(value), "a record as a JSON object");
  if ("deletedAt" in value && !("hash" in value)) return readTombstone(value);
  const bytes = { ...bytesIn(value, "hash"), ...bytesIn(value, "previousHash") };
  const result = v.safeParse(keyRecord, { ...value, ...bytes });
  if (!result.success) throw lineErrorOf(result.issues[0]);
  demandUsable(result.output, config, time);
  try {
    return recordOf(result.output.id, itemOf(result.output));
  } catch {
    throw new LineError("the record", "values that do not fit together", "a record as `keys export` writes it");
  }
}

function readTombstone(value: object): Tombstone {
  const result = v.safeParse(tombstone, value);
  if (!result.success) throw lineErrorOf(result.issues[0]);
  demandKeyId(result.output.id);
  return result.output;
}

function demandKeyId(id: string): void {
  if (!isKeyId(id)) throw new LineError("id", foundText(id), "16 letters and digits");
}

function bytesIn(value: object, name: "hash" | "previousHash"): object {
  const text = (value as Readonly<Record<string, unknown>>)[name];
  if (text === undefined) return {};
  const bytes = Buffer.from(typeof text === "string" ? text : "", "base64");
  if (bytes.length === 32 && bytes.toString("base64") === text) return { [name]: Uint8Array.from(bytes) };
  throw new LineError(name, "another value", "32 bytes in base64");
}

/** A record that no key could be verified with would be in the table for nothing. */
function demandUsable(record: KeyRecord, { environment, peppers }: ApiKeysConfig, time: number): void {
  demandKeyId(record.id);
  if (record.environment !== environment) {
    throw new LineError("environment", foundText(record.environment), `that of the configuration, "${environment}"`);
  }
  demandPepper("pepper", record.pepper, peppers);
  const { previousPepper, previousUntil = 0 } = record;
  if (previousPepper !== undefined && previousUntil > time) demandPepper("previousPepper", previousPepper, peppers);
}

function demandPepper(field: string, id: string, peppers: ApiKeysConfig["peppers"]): void {
  if (peppers.some((pepper) => pepper.id === id)) return;
  const ids = peppers.map((pepper) => pepper.id).join(", ");
  throw new LineError(field, foundText(id), `one of the configuration's peppers: ${ids}`);
}
