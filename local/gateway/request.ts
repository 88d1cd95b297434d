import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { readTarget } from "../request-target.ts";

/** Names and values in the order in which a client sent them. A name may occur several times. */
export type Pairs = readonly (readonly [string, string])[];

/** An HTTP request as the gateway received it. */
export interface GatewayRequest {
  readonly method: string;
  /** Path without the query, percent-encoded as it was sent. */
  readonly path: string;
  readonly rawQuery: string;
  readonly query: Pairs;
  /** Names as the client wrote them. */
  readonly headers: Pairs;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly protocol: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly requestId: string;
  /** The second, shorter id that API Gateway gives each request. */
  readonly extendedId: string;
  /** The client's certificate, with mutual TLS. */
  readonly clientCert?: ClientCertificate;
}

/** A client's certificate in the form of events (API Gateway developer guide, "Mutual TLS authentication"). */
export interface ClientCertificate {
  readonly clientCertPem: string;
  readonly subjectDN: string;
  readonly issuerDN: string;
  readonly serialNumber: string;
  /** Dates in OpenSSL's form: `May 28 12:30:02 2019 GMT`. */
  readonly validity: { readonly notBefore: string; readonly notAfter: string };
}

/** The HTTP response that a client gets. */
export interface ClientResponse {
  readonly status: number;
  readonly headers: Pairs;
  readonly body: string | Buffer;
}

/** The largest body that API Gateway accepts, in bytes. */
export const MAX_BODY = 10 * 1024 * 1024;

/**
 * Reads a request without its body. The caller's address is that of the connection. To try out policies, the header
 * `X-Sallyport-Source-Ip` may name another one; it is removed here, so that no function sees it.
 *
 * @param now milliseconds since the epoch
 */
export function readHead(incoming: IncomingMessage, now: number): GatewayRequest {
  const { pathname, search, searchParams } = readTarget(incoming.url);
  const all: [string, string][] = [];
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    all.push([incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? ""]);
  }
  const isSource = ([name]: readonly [string, string]) => name.toLowerCase() === "x-sallyport-source-ip";
  const connection = incoming.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "127.0.0.1";
  const sourceIp = all.find(isSource)?.[1] ?? connection;
  const headers = all.filter((pair) => !isSource(pair));
  const forwarded = valuesOf(headers, "x-forwarded-for");
  const own = headers.filter(([name]) => !/^x-forwarded-(for|port|proto)$/i.test(name));
  return {
    method: incoming.method ?? "GET",
    path: pathname,
    rawQuery: search.slice(1),
    query: [...searchParams],
    headers: [
      ...own,
      ["X-Forwarded-For", [...forwarded, sourceIp].join(", ")],
      ["X-Forwarded-Port", "443"],
      ["X-Forwarded-Proto", "https"],
    ],
    body: Buffer.alloc(0),
    sourceIp,
    protocol: `HTTP/${incoming.httpVersion}`,
    time: now,
    requestId: randomUUID(),
    // In the alphabet of URLs, as API Gateway writes it, but with the padding.
    extendedId: `${randomBytes(11).toString("base64url")}=`,
    ...clientCertificate(incoming.socket),
  };
}

function clientCertificate(socket: Socket): { clientCert?: ClientCertificate } {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (!certificate) return {};
  const { subject, issuer, serialNumber, validFrom, validTo } = certificate;
  const name = (lines: string) => lines.split("\n").reverse().join(",");
  return {
    clientCert: {
      clientCertPem: certificate.toString(),
      subjectDN: name(subject),
      issuerDN: name(issuer),
      serialNumber,
      validity: { notBefore: validFrom, notAfter: validTo },
    },
  };
}

/**
 * Reads a whole request. A body that is too large is cut off, at more than `MAX_BODY` bytes.
 *
 * @param now milliseconds since the epoch
 */
export async function readRequest(incoming: IncomingMessage, now: number): Promise<GatewayRequest> {
  return { ...readHead(incoming, now), body: await bodyOf(incoming) };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    // The kept part shows that the body is too large. The rest is read and dropped.
    if (length <= MAX_BODY + 65_536) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Every value of a header. Its name is not case-sensitive. */
export const valuesOf = (pairs: Pairs, name: string): string[] =>
  pairs.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);

/** Two maps: from each name to its last value, and to all its values. */
export function mapsOf(pairs: Pairs): { single: Record<string, string>; multiple: Record<string, string[]> } {
  const multiple: Record<string, string[]> = {};
  for (const [name, value] of pairs) {
    const list = Object.hasOwn(multiple, name) ? multiple[name] : undefined;
    if (list) list.push(value);
    else
      Object.defineProperty(multiple, name, { value: [value], enumerable: true, configurable: true, writable: true });
  }
  const single = Object.fromEntries(Object.entries(multiple).map(([name, values]) => [name, values.at(-1) ?? ""]));
  return { single, multiple };
}

/**
 * The VPC endpoint that a request came through. A private API Gateway writes it into the header `x-amzn-vpce-id`, and
 * here a request with this header is such a request.
 */
export const vpcEndpointOf = ({ headers }: Pick<GatewayRequest, "headers">): string | undefined =>
  valuesOf(headers, "x-amzn-vpce-id").at(-1);
