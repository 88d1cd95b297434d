/** The server answered with a status other than 200. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly code: string;
  constructor(status: number) {
    super(`status ${status}`);
    this.code = `HTTP_${status}`;
  }
}

/** Limits of one request. */
export interface FetchBounds {
  /** Value of the Accept header. */
  readonly accept: string;
  /** Timeout of the whole request in milliseconds. */
  readonly timeout: number;
  /** Maximum size of the response in bytes. */
  readonly maxLength: number;
  /** Sent by POST. Absent: the request is a GET. */
  readonly post?: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  /** Ends the request earlier: the timeout of several requests. */
  readonly signal?: AbortSignal;
}

/**
 * Fetches a document with limits of time and size. A redirect is an error: only the URL of the configuration is
 * trusted.
 *
 * @throws {HttpStatusError} for a status other than 200
 * @throws {RangeError} if the response is too long
 */
export async function fetchBytes(
  url: string,
  fetch: typeof globalThis.fetch,
  { accept, timeout, maxLength, post, signal }: FetchBounds,
): Promise<Buffer> {
  const own = AbortSignal.timeout(timeout);
  const response = await fetch(url, {
    redirect: "error",
    headers: { accept, ...post?.headers },
    ...(post && { method: "POST", body: post.body }),
    signal: signal ? AbortSignal.any([own, signal]) : own,
  });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new HttpStatusError(response.status);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxLength) throw new RangeError("the response is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
