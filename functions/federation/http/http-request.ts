import { objectOf } from "../../../shared/domain/object/unknown-object.ts";

/** A request of an HTTP API, payload format 2.0, as far as the login reads it. */
export interface HttpRequest {
  /** The route of the template: `POST /saml/{connection}/acs`. */
  readonly route: string;
  /** API Gateway's id of the request, if it looks like one: a client can put another text in its place. */
  readonly requestId: string | undefined;
  /** The path's parameter `connection`, unchecked. */
  readonly connection: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  /** Address of the caller according to API Gateway. */
  readonly address: string | undefined;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  /** Values of the cookies with a name. */
  cookies(name: string): readonly string[];
  /** Names of all cookies, in the browser's order: the oldest first (RFC 6265 section 5.4). */
  cookieNames(): readonly string[];
}

/** Parameters of a query or a form. */
export const MAX_PARAMETERS = 100;

/** Whether a text may be split into parameters: Node.js searches the rest of it once for each of them. */
export const hasFewParameters = (text: string): boolean => text.split("&", MAX_PARAMETERS + 1).length <= MAX_PARAMETERS;

/** Reads an event. What is not there, or of another type, is empty, and so is a query of too many parameters. */
export function readRequest(event: unknown): HttpRequest {
  const { routeKey, rawQueryString, headers, pathParameters, body, isBase64Encoded, requestContext, cookies } =
    objectOf(event);
  const { requestId, http } = objectOf(requestContext);
  const { sourceIp } = objectOf(http);
  const byName = new Map(Object.entries(objectOf(headers)).map(([name, value]) => [name.toLowerCase(), value]));
  // Payload format 2.0 takes the cookies out of the headers.
  const pairs = Array.isArray(cookies) ? cookies.map(textOf) : textOf(byName.get("cookie")).split(/; */);
  const query = textOf(rawQueryString);
  return {
    route: textOf(routeKey),
    requestId: typeof requestId === "string" && /^[\w-]{1,36}={0,2}$/.test(requestId) ? requestId : undefined,
    connection: textOf(objectOf(pathParameters).connection),
    query: new URLSearchParams(hasFewParameters(query) ? query : ""),
    // API Gateway sends form bodies in base64.
    body: Buffer.from(textOf(body), isBase64Encoded === true ? "base64" : "utf8"),
    address: typeof sourceIp === "string" ? sourceIp : undefined,
    header(name) {
      const value = byName.get(name);
      return typeof value === "string" ? value : undefined;
    },
    cookieNames: () => pairs.map((pair) => pair.split("=", 1)[0] ?? ""),
    cookies: (name) => pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1)),
  };
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");
