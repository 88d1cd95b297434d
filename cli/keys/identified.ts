import { parseApiKey } from "../../providers/api-key/format.ts";
import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import { provenSecret } from "../../providers/api-key/proven-secret.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { isKeyId } from "../../shared/domain/principal/key-id.ts";
import { Refusal, TroubleError } from "../../shared/domain/reasons/errors.ts";

/** What is known of a text that may be a key. It has no part of the secret. */
export interface Identified {
  readonly prefix?: string;
  readonly environment?: string;
  readonly id?: string;
  /** Why the text is no key that works. */
  readonly problem?: "form" | "several" | "prefix" | "environment" | "checksum" | "unknown" | "damaged";
  /** Which secret of the key it has. `ended`: the previous one, whose grace is over. */
  readonly secret?: "current" | "previous" | "ended" | "other" | "absent" | "unchecked";
  readonly record?: KeyRecord;
}

/** A key, or what is left of one. The prefix is not the end of another word. */
const KEY = /(?<![0-9A-Za-z])([a-z][a-z0-9]{1,15})_([a-z][a-z0-9]{1,15})_([0-9A-Za-z]{16})(?:_[0-9A-Za-z]*)?/g;

/** Whether the text has a secret that its key accepts, whatever the key's state; or is the id of a key. */
export const isGenuine = ({ secret }: Identified): boolean =>
  secret === "current" || secret === "previous" || secret === "absent";

/** Says which key is in a text. The table is asked for its id alone. */
export async function identifiedIn(
  given: string,
  table: KeyTable,
  config: ApiKeysConfig,
  time: number,
): Promise<Identified> {
  const text = given.trim();
  if (isKeyId(text)) return withRecord({ id: text }, "absent", table);
  const found = new Map([...text.matchAll(KEY)].map((match) => [match[0], match]));
  const [match] = found.values();
  if (!match) return { problem: "form" };
  if (found.size > 1) return { problem: "several" };
  const [whole, prefix = "", environment = "", id = ""] = match;
  const parts = { prefix, environment, id };
  if (prefix !== config.prefix) return { ...parts, problem: "prefix" };
  if (environment !== config.environment) return { ...parts, problem: "environment" };
  const key = parsed(whole, prefix);
  if (!key) return { ...(await withRecord(parts, "unchecked", table)), problem: "checksum" };
  const known = await withRecord(parts, "unchecked", table);
  if (!known.record) return known;
  return { ...known, secret: await secretOf(key, known.record, config, time) };
}

function parsed(text: string, prefix: string) {
  try {
    return parseApiKey(text, prefix);
  } catch {
    return undefined;
  }
}

async function withRecord(
  parts: Pick<Identified, "prefix" | "environment" | "id">,
  secret: "absent" | "unchecked",
  table: KeyTable,
): Promise<Identified> {
  try {
    const { record } = await table.get(parts.id ?? "", new AbortController().signal);
    return record ? { ...parts, secret, record } : { ...parts, problem: "unknown" };
  } catch (error) {
    if (error instanceof TroubleError && error.reason === "key_record_invalid") return { ...parts, problem: "damaged" };
    throw error;
  }
}

async function secretOf(
  key: ReturnType<typeof parseApiKey>,
  record: KeyRecord,
  config: ApiKeysConfig,
  time: number,
): Promise<NonNullable<Identified["secret"]>> {
  try {
    const { until } = await provenSecret(key, record, config, time);
    if (until === undefined) return "current";
    return until > time ? "previous" : "ended";
  } catch (error) {
    if (error instanceof Refusal) return "other";
    if (error instanceof TroubleError) return "unchecked";
    throw error;
  }
}
