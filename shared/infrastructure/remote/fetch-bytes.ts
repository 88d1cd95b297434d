/** The server answered with another status than 200. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly code: string;
  constructor(status: number) {
    super(`status ${status}`);
    this.code = `HTTP_${status}`;
  }
}

/** Bounds of one exchange. */
export interface FetchBounds {
  /** Media types to ask for. */
  readonly accept: string;
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** Bytes of the answer. */
  readonly maxLength: number;
}

/**
 * Gets a document, within bounds of time and size and from the very address asked for: a redirect is an error, since the configuration
 * names whom to trust.
 */
export async function fetchBytes(
  url: string,
  fetch: typeof globalThis.fetch,
  { accept, timeout, maxLength }: FetchBounds,
): Promise<Buffer> {
  const response = await fetch(url, { redirect: "error", headers: { accept }, signal: AbortSignal.timeout(timeout) });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new HttpStatusError(response.status);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxLength) throw new RangeError("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
