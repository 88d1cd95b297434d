import { canonicalAddress } from "../../../shared/domain/address/address-range.ts";
import { objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import type { RequestSource } from "../../../shared/domain/request/authorization-request.ts";
import type { Values } from "../../../shared/domain/request/find.ts";

/** Every header of an event, by lower-case name. */
export function headersOf({ multiValueHeaders, headers }: UnknownObject): Values {
  return valuesOf(multiValueHeaders, headers, (name) => name.toLowerCase());
}

/** Headers that an event has more than once, in lower case: several lines of one, or its name in several spellings. */
export function repeatedHeaders({ multiValueHeaders, headers }: UnknownObject): string[] {
  const [lines, last] = [objectOf(multiValueHeaders), objectOf(headers)];
  const spellings = Object.groupBy(new Set([...Object.keys(lines), ...Object.keys(last)]), (name) =>
    name.toLowerCase(),
  );
  const isRepeated = (names: readonly string[]) =>
    names.length > 1 || names.some((name) => Object.hasOwn(lines, name) && lengthOf(lines[name]) > 1);
  return Object.entries(spellings).flatMap(([name, names = []]) => (isRepeated(names) ? [name] : []));
}

const lengthOf = (value: unknown) => (Array.isArray(value) ? value.length : 1);

/** Every query parameter of an event, by exact name. */
export function queryOf({ multiValueQueryStringParameters, queryStringParameters }: UnknownObject): Values {
  return valuesOf(multiValueQueryStringParameters, queryStringParameters, (name) => name);
}

/** The caller's address by API Gateway's word. X-Forwarded-For is never read: its left part is the client's to write. */
export function sourceOf({ sourceIp, vpceId }: UnknownObject): RequestSource {
  const address = typeof sourceIp === "string" ? canonicalAddress(sourceIp) : undefined;
  return { ...(address !== undefined && { address }), viaVpcEndpoint: typeof vpceId === "string" && vpceId !== "" };
}

/** Every value of a multi-value map; of the single-value map only names that the other lacks. */
function valuesOf(multiple: unknown, single: unknown, nameOf: (name: string) => string): Values {
  const values = new Map<string, string[]>();
  for (const [name, list] of Object.entries(objectOf(multiple))) {
    for (const value of Array.isArray(list) ? list : []) append(values, nameOf(name), value);
  }
  const complete = new Set(values.keys());
  for (const [name, value] of Object.entries(objectOf(single))) {
    if (!complete.has(nameOf(name))) append(values, nameOf(name), value);
  }
  return values;
}

function append(values: Map<string, string[]>, name: string, value: unknown): void {
  if (typeof value === "string") values.set(name, [...(values.get(name) ?? []), value]);
}
