import { domainName } from "./arn.ts";

/** One request of a client to an API. */
export interface LocalRequest {
  readonly method: string;
  readonly path: string;
  /** Path of the matching resource, with its `{parameters}`. */
  readonly resource: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** The client's source address. */
  readonly address: string;
  readonly stage: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** The VPC endpoint of a private REST API through which the request comes. By default there is none. */
  readonly vpcEndpoint?: string | undefined;
  /** Whether the authorizer has no cache and no identity sources. By default true if the request has X-Api-Key. */
  readonly uncached?: boolean;
}

/** Id of the API in events. */
export const API = "abcdef1234";

/** Domain name of the API in events. */
export const DOMAIN = domainName(API);

/** Id of the request in events: events of the same request are equal. */
export const REQUEST_ID = "141d6671-99b4-40ca-9997-7a22f01eac74";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Headers as a client and API Gateway send them together. */
export const headersOf = ({ address, headers }: LocalRequest): Record<string, string> => ({
  Accept: "*/*",
  Host: DOMAIN,
  "User-Agent": "curl/8.5.0",
  "X-Forwarded-For": address,
  "X-Forwarded-Port": "443",
  "X-Forwarded-Proto": "https",
  ...headers,
});

/** The same map with each value in a list. */
export const multiple = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));

/** Values of the resource's `{parameters}`; `{name+}` takes the rest of the path. */
export function pathParameters({ resource, path }: LocalRequest): Record<string, string> {
  const pattern = resource.replace(/\{(\w+)(\+?)\}/g, (_, name, greedy) => `(?<${name}>${greedy ? ".+" : "[^/]+"})`);
  return { ...new RegExp(`^${pattern}$`).exec(path)?.groups };
}

/** `dd/MMM/yyyy:HH:mm:ss +0000`. */
export function commonLogTime(time: number): string {
  const [date = "", clock = ""] = new Date(time * 1000).toISOString().split("T");
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock.slice(0, 8)} +0000`;
}
