import { objectOf } from "../../../shared/domain/object/unknown-object.ts";

/** A request to this API. */
export interface ApiRequest {
  /** The route of the template: `POST /keys/{id}/rotate`. */
  readonly route: string;
  /** API Gateway's id of the request, if it looks like one: a client can put another text in its place. */
  readonly requestId: string | undefined;
  /** The path's parameter `id`, unchecked. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The query as it was sent. */
  readonly rawQuery: string;
  readonly body: Buffer;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

/** Reads an event of an HTTP API, payload format 2.0. */
export function readRequest(event: unknown): ApiRequest {
  const { routeKey, rawQueryString, headers, pathParameters, body, isBase64Encoded, requestContext } = objectOf(event);
  const byName = new Map(Object.entries(objectOf(headers)).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    route: textOf(routeKey),
    requestId: requestIdOf(objectOf(requestContext).requestId),
    id: textOf(objectOf(pathParameters).id),
    query: new URLSearchParams(textOf(rawQueryString)),
    rawQuery: textOf(rawQueryString),
    // API Gateway sends bodies of media types that it does not know in base64.
    body: Buffer.from(textOf(body), isBase64Encoded === true ? "base64" : "utf8"),
    header(name) {
      const value = byName.get(name);
      return typeof value === "string" ? value : undefined;
    },
  };
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");

const requestIdOf = (value: unknown) =>
  typeof value === "string" && /^[\w-]{1,36}={0,2}$/.test(value) ? value : undefined;
