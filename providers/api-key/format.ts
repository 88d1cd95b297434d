import { randomInt } from "node:crypto";
import { KEY_ID, KEY_ID_LENGTH } from "../../shared/domain/principal/key-id.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";

/**
 * An API key: `prefix_environment_id_secret` and a checksum. It has only letters, digits and `_`, so a double click
 * selects all of it. Secret scanners recognise the prefix. The checksum detects typos and guesses without reading the
 * table.
 */
export interface ApiKey {
  readonly environment: string;
  /** Public ID of the key, the key of its item in the table. */
  readonly id: string;
  /** The whole key. This is the text that is hashed. */
  readonly text: string;
}

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** 43 characters of base62 are just over 256 bits. */
const SECRET_LENGTH = 43;
/** 6 characters of base62 hold the 32 bits of a CRC. */
const CHECKSUM_LENGTH = 6;

/** Maximum length of a key. Prefix and environment have up to 16 characters each. */
const MAX_LENGTH = 16 + 1 + 16 + 1 + KEY_ID_LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH;

const LABEL = "[a-z][a-z0-9]{1,15}";
const REST = `[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}`;

const SHAPE = new RegExp(`^(${LABEL})_(${LABEL})_(${KEY_ID})_${REST}$`);

/**
 * The regular expression of a key within other text, for secret scanners: of any environment, without the checksum. It
 * has no groups and no anchors, and every engine reads it alike.
 */
export const scannerPattern = (prefix: string): string => `${prefix}_${LABEL}_${KEY_ID}_${REST}`;

/** Generates the ID of a new key. */
export const generateKeyId = (): string => randomText(KEY_ID_LENGTH);

/** Generates a key with 256 random bits. */
export function generateApiKey(prefix: string, environment: string): ApiKey {
  return generateSecret(prefix, environment, generateKeyId());
}

/** Generates a key of a known ID with 256 new random bits. */
export function generateSecret(prefix: string, environment: string, id: string): ApiKey {
  const body = `${prefix}_${environment}_${id}_${randomText(SECRET_LENGTH)}`;
  return { environment, id, text: body + checksumOf(body) };
}

/**
 * Parses a key and checks its checksum.
 *
 * @throws {Refusal} `credential_too_large`, `key_malformed`, `key_checksum_mismatch`
 */
export function parseApiKey(text: string, prefix: string): ApiKey {
  demand(text.length <= MAX_LENGTH, "credential_too_large");
  const [, foundPrefix, environment, id] = SHAPE.exec(text) ?? [];
  demand(foundPrefix === prefix && environment && id, "key_malformed");
  demand(text.endsWith(checksumOf(text.slice(0, -CHECKSUM_LENGTH))), "key_checksum_mismatch");
  return { environment, id, text };
}

function randomText(length: number): string {
  return Array.from({ length }, () => BASE62[randomInt(BASE62.length)]).join("");
}

function checksumOf(body: string): string {
  // Loaded with the first key: its compression takes a millisecond that nobody else needs.
  let rest = process.getBuiltinModule("node:zlib").crc32(body);
  let text = "";
  for (let index = 0; index < CHECKSUM_LENGTH; index++) {
    text = `${BASE62[rest % BASE62.length]}${text}`;
    rest = Math.floor(rest / BASE62.length);
  }
  return text;
}
