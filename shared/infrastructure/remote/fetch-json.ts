import type { UnknownObject } from "../../domain/object/unknown-object.ts";
import { parseStrictObject } from "../json/strict-json.ts";
import { fetchBytes } from "./fetch-bytes.ts";

/** Key sets and discovery documents have a few thousand bytes. */
export const JSON_BOUNDS = {
  accept: "application/json, application/jwk-set+json",
  timeout: 2000,
  maxLength: 256 * 1024,
} as const;

/** Fetches a JSON object without duplicate members. */
export async function fetchJson(
  url: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<UnknownObject> {
  return parseStrictObject(await fetchBytes(url, fetch, { ...JSON_BOUNDS, signal }));
}
