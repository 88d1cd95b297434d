import type { KeyObject } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { Readable } from "node:stream";

/** Statuses whose responses have no body. */
const EMPTY: readonly number[] = [204, 205, 304];

/**
 * A `fetch` that connects with a certificate, which the global one cannot. It takes what the authorizer asks for: a URL
 * with https, a text as the body, and no redirects, which it never follows.
 *
 * @throws {TypeError} for a URL without https
 */
export function certificateFetch(certificate: string, key: KeyObject): typeof globalThis.fetch {
  const pem = key.export({ type: "pkcs8", format: "pem" });
  const agent = new Agent({ keepAlive: true, cert: certificate, key: pem, minVersion: "TLSv1.2" });
  return async (input, { method = "GET", headers, body, signal } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = request(String(input), {
      ...{ agent, method, headers: Object.fromEntries(new Headers(headers)) },
      ...(signal && { signal }),
    });
    outgoing.on("response", resolve).on("error", reject);
    outgoing.end(body ?? undefined);
    const incoming = await promise;
    const status = incoming.statusCode ?? 0;
    return new Response(EMPTY.includes(status) ? null : (Readable.toWeb(incoming) as ReadableStream), { status });
  };
}
