import { domainName } from "./arn.ts";

/** One request as a client would send it to one of our APIs. */
export interface LocalRequest {
  readonly method: string;
  readonly path: string;
  /** Path of the API's resource that serves it, `{parameters}` and all. */
  readonly resource: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Address that API Gateway sees the client at. */
  readonly address: string;
  readonly stage: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Whether it comes through an authorizer without cache and identity sources; by default if it brings X-Api-Key. */
  readonly uncached?: boolean;
}

/** Id of the API in events. */
export const API = "abcdef1234";

/** Its domain name. */
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

/** The same map with every value in a list of its own. */
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
