import { parseStrictObject } from "../../shared/json/strict-json.ts";

/** Milliseconds for a whole exchange with a key server. */
const TIMEOUT = 2000;

/** Bytes of an answer; key sets have a few thousand. */
const MAX_LENGTH = 256 * 1024;

/** The server answered with another status than 200. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly code: string;
  constructor(status: number) {
    super(`status ${status}`);
    this.code = `HTTP_${status}`;
  }
}

/**
 * Gets a JSON object, within bounds of time and size and from the very address asked for: a redirect is an error, since the
 * configuration names whom to trust.
 */
export async function fetchJson(
  url: string,
  fetch: typeof globalThis.fetch,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    redirect: "error",
    headers: { accept: "application/json, application/jwk-set+json" },
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new HttpStatusError(response.status);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > MAX_LENGTH) throw new RangeError("the answer is too long");
    chunks.push(chunk);
  }
  return parseStrictObject(Buffer.concat(chunks));
}
