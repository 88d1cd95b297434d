import { canonicalAddress } from "../../../shared/domain/address/address-range.ts";
import type { CredentialsConfig } from "../../../shared/domain/config/schema.ts";
import { objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import type { RequestSource } from "../../../shared/domain/request/authorization-request.ts";
import { placesOf, type Values } from "../../../shared/domain/request/find.ts";

/** Every header of an event, by lower-case name. */
export function headersOf({ multiValueHeaders, headers }: UnknownObject): Values {
  return valuesOf(multiValueHeaders, headers, (name) => name.toLowerCase());
}

/**
 * The headers where a credential may stand, by lower-case name: of some forty names only those of the right length
 * are looked at.
 */
export function credentialHeadersOf({ multiValueHeaders, headers }: UnknownObject, config: CredentialsConfig): Values {
  const wanted = new Set(placesOf(config).map(([{ name }]) => name));
  const lengths = new Set([...wanted].map(({ length }) => length));
  return valuesOf(multiValueHeaders, headers, (name) => {
    const lower = lengths.has(name.length) ? name.toLowerCase() : "";
    return wanted.has(lower) ? lower : undefined;
  });
}

/** Those of some headers that an event has more than once: several lines of one, or its name in several spellings. */
export function repeatedHeaders({ multiValueHeaders, headers }: UnknownObject, names: readonly string[]): string[] {
  const [lines, last] = [objectOf(multiValueHeaders), objectOf(headers)];
  return names.filter((wanted) => {
    const isWanted = (name: string) => name.length === wanted.length && name.toLowerCase() === wanted;
    const spellings = new Set([...Object.keys(lines).filter(isWanted), ...Object.keys(last).filter(isWanted)]);
    return spellings.size > 1 || [...spellings].some((name) => Object.hasOwn(lines, name) && lengthOf(lines[name]) > 1);
  });
}

const lengthOf = (value: unknown) => (Array.isArray(value) ? value.length : 1);

/** Every query parameter of an event, by exact name. */
export function queryOf({ multiValueQueryStringParameters, queryStringParameters }: UnknownObject): Values {
  return valuesOf(multiValueQueryStringParameters, queryStringParameters, (name) => name);
}

/**
 * The caller's address by API Gateway's word. X-Forwarded-For is never read: its left part is the client's to write.
 */
export function sourceOf({ sourceIp, vpceId }: UnknownObject): RequestSource {
  const address = typeof sourceIp === "string" ? canonicalAddress(sourceIp) : undefined;
  if (typeof vpceId !== "string" || vpceId === "")
    return { ...(address !== undefined && { address }), viaVpcEndpoint: false };
  return { ...(address !== undefined && { address }), viaVpcEndpoint: true, vpcEndpoint: vpceId };
}

/** Every value of a multi-value map; of the single-value map only names that the other lacks. */
function valuesOf(multiple: unknown, single: unknown, nameOf: (name: string) => string | undefined): Values {
  const values = new Map<string, string[]>();
  const several = objectOf(multiple);
  for (const name of Object.keys(several)) {
    const [own, list] = [nameOf(name), several[name]];
    if (own === undefined || !Array.isArray(list)) continue;
    const texts = list.filter((value) => typeof value === "string");
    if (texts.length > 0) append(values, own, texts);
  }
  const complete = new Set(values.keys());
  const one = objectOf(single);
  for (const name of Object.keys(one)) {
    const [own, value] = [nameOf(name), one[name]];
    if (own !== undefined && typeof value === "string" && !complete.has(own)) append(values, own, [value]);
  }
  return values;
}

function append(values: Map<string, string[]>, name: string, texts: string[]): void {
  const known = values.get(name);
  if (known) known.push(...texts);
  else values.set(name, texts);
}
