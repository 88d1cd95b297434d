import { parseApiKey } from "../../../providers/api-key/format.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { shownValue } from "../shown-value.ts";
import { type Expectation, expectation, expectedEnd } from "./expectation.ts";

/** Characters of the id, and of the secret with its checksum. */
const LENGTHS = [16, 49];

/** What was expected of an API key, and what was found. Neither the key nor a part of its secret is shown. */
export function keyExpectations(
  reason: string,
  text: string,
  config: ApiKeysConfig,
  time: number,
  records: ReadonlyMap<string, KeyRecord | undefined>,
): readonly Expectation[] {
  if (reason === "key_malformed" || reason === "credential_too_large") return [formOf(text, config)];
  if (reason === "key_checksum_mismatch") {
    const hint = "a letter is missing or changed: copy the key once more";
    return [{ of: "checksum", expected: "that of the key", found: "another", hint }];
  }
  const key = readKey(text, config.prefix);
  if (!key) return [];
  if (reason === "key_environment_mismatch") {
    return [expectation("environment", shownValue(config.environment), key.environment)];
  }
  const id = { of: "id", expected: `a key in the table ${shownValue(config.table)}`, found: `${key.id}` };
  if (reason === "key_unknown")
    return [{ ...id, hint: "the record was deleted, or is in another table, account or region" }];
  if (reason === "key_mismatch") {
    const hint = "the key was made up, or hashed with another pepper";
    return [{ of: "secret", expected: `that on record of ${key.id}`, found: "another", hint }];
  }
  const record = records.get(key.id);
  return record ? stateOf(record, reason, time) : [];
}

/** The state of a key whose secret is right. */
function stateOf({ id, status, expiresAt, previousUntil }: KeyRecord, reason: string, time: number): Expectation[] {
  if (reason === "key_secret_replaced") {
    const hint = "the key was rotated: its newer secret is needed";
    return previousUntil === undefined ? [] : [{ ...expectedEnd("grace of the secret", previousUntil, time), hint }];
  }
  return [
    { of: `status of ${id}`, expected: '"active"', found: shownValue(status) },
    ...(expiresAt === undefined ? [] : [expectedEnd("expiresAt", expiresAt, time)]),
  ];
}

function formOf(text: string, { prefix, environment }: ApiKeysConfig): Expectation {
  const [, , ...rest] = text.split("_");
  const found = `${text.split("_").length} parts${rest.length === 2 ? `, of ${rest.map(({ length }) => length).join(" and ")} characters` : ""}`;
  const expected = `${prefix}_${environment}_…_…, 4 parts, of ${LENGTHS.join(" and ")} letters and digits`;
  return { of: "form", expected, found: `${found}, ${text.length} characters in all` };
}

function readKey(text: string, prefix: string) {
  try {
    return parseApiKey(text, prefix);
  } catch {
    return undefined;
  }
}
