import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A range of addresses of one family. */
interface Range {
  readonly address: Address;
  readonly prefix: number;
}

/**
 * Whether an address lies in one of the ranges. An IPv4-mapped IPv6 address counts as the IPv4 address it maps. An address or range
 * that is not one is in nothing and holds nothing.
 */
export function isInRanges(address: string, ranges: readonly string[]): boolean {
  const candidate = parseRange(address);
  return candidate !== undefined && ranges.some((range) => covers(parseRange(range), candidate));
}

/** The addresses that are in both lists, as the narrower of each pair of ranges that overlap. */
export function intersectRanges(left: readonly string[], right: readonly string[]): string[] {
  const common = new Set<string>();
  for (const a of left.map(parseRange)) {
    for (const b of right.map(parseRange)) {
      if (!a || !b) continue;
      if (covers(a, b)) common.add(format(b));
      else if (covers(b, a)) common.add(format(a));
    }
  }
  return [...common];
}

/** Canonical form, as IAM compares it: a network address with its prefix; undefined if it is no address. */
export function canonicalRange(value: string): string | undefined {
  const range = parseRange(value);
  return range && format(range);
}

/** The ranges in canonical form, each once. */
export function canonicalRanges(values: readonly string[]): string[] {
  return [...new Set(values.flatMap((value) => canonicalRange(value) ?? []))];
}

/** Whether every address of the second range is in the first. */
export function coversRange(outer: string, inner: string): boolean {
  const range = parseRange(inner);
  return range !== undefined && covers(parseRange(outer), range);
}

function parseRange(value: string): Range | undefined {
  if (value.length > 64) return undefined;
  const [text = "", suffix, ...rest] = value.split("/");
  if (rest.length > 0 || !(ipaddr.IPv6.isValid(text) || ipaddr.IPv4.isValidFourPartDecimal(text))) return undefined;
  const address = ipaddr.process(text);
  const bits = address.kind() === "ipv4" ? 32 : 128;
  if (suffix === undefined) return { address, prefix: bits };
  // ::ffff:192.0.2.0/120 is 192.0.2.0/24: the prefix of a mapped range counts from the start of the IPv6 form.
  const mapped = bits === 32 && text.includes(":") ? 96 : 0;
  const prefix = /^\d{1,3}$/.test(suffix) ? Number(suffix) - mapped : -1;
  return prefix >= 0 && prefix <= bits ? { address, prefix } : undefined;
}

function covers(outer: Range | undefined, inner: Range): boolean {
  if (!outer || outer.address.kind() !== inner.address.kind() || outer.prefix > inner.prefix) return false;
  return inner.address.match(outer.address as never, outer.prefix);
}

function format({ address, prefix }: Range): string {
  const network =
    address.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefix}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${prefix}`);
  return `${network}/${prefix}`;
}
