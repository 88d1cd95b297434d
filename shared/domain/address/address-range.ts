import ipaddr from "ipaddr.js";
import { BoundedMap } from "../bounded-map.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A range of addresses of one family. */
interface Range {
  readonly address: Address;
  readonly prefix: number;
  /** Its canonical form, once it was asked for. */
  text?: string;
}

/**
 * Whether an address lies in one of the ranges. An IPv4-mapped IPv6 address counts as the IPv4 address it maps.
 *
 * An unreadable address is in nothing and an unreadable range holds nothing. This is safe where a range allows: a
 * list that cannot be read allows less, and never more. Ranges that deny must be checked with `canonicalRange` before
 * they are used here.
 */
export function isInRanges(address: string, ranges: readonly string[]): boolean {
  const candidate = parseRange(address);
  return candidate !== undefined && ranges.some((range) => covers(parseRange(range), candidate));
}

/**
 * The addresses that are in both lists, as the narrower of each pair of ranges that overlap.
 *
 * An unreadable range holds nothing, as in `isInRanges`: a list of such ranges alone gives the empty list, which
 * allows nowhere.
 */
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

/**
 * Canonical form of an address or range, as IAM's IpAddress compares it: the network address with its prefix. The
 * single judge of what a range is: the configuration, key records and the policy all read ranges with it.
 *
 * @param value an address, which is the range of itself, or `address/prefix`; host bits are ignored: `10.1.2.3/8` is
 * `10.0.0.0/8`
 * @returns undefined if it is neither
 * @example canonicalRange("::ffff:192.0.2.7/120") === "192.0.2.0/24"
 */
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

/**
 * Canonical form of one address (RFC 5952 for IPv6; an IPv4-mapped address is the IPv4 address it maps).
 *
 * @returns undefined if the text is no address; a range is none
 * @example canonicalAddress("2001:DB8::1") === "2001:db8::1"
 */
export function canonicalAddress(value: string): string | undefined {
  return parseAddress(value)?.toString();
}

/** Ranges as they were read: those of the configuration, of keys and of callers come again and again. */
const known = new BoundedMap<string, Range>(1024);

function parseRange(value: string): Range | undefined {
  // The longest range has 49 characters: what is longer is neither read nor remembered.
  if (value.length > 64) return undefined;
  const found = known.get(value);
  if (found) return found;
  const range = readRange(value);
  if (range) known.set(value, range);
  return range;
}

function readRange(value: string): Range | undefined {
  const [text = "", suffix, ...rest] = value.split("/", 3);
  const address = rest.length === 0 ? parseAddress(text) : undefined;
  if (!address) return undefined;
  const bits = address.kind() === "ipv4" ? 32 : 128;
  if (suffix === undefined) return { address, prefix: bits };
  // ::ffff:192.0.2.0/120 is 192.0.2.0/24: the prefix of a mapped range counts from the start of the IPv6 form.
  const mapped = bits === 32 && text.includes(":") ? 96 : 0;
  const prefix = /^(0|[1-9]\d{0,2})$/.test(suffix) ? Number(suffix) - mapped : -1;
  return prefix >= 0 && prefix <= bits ? { address, prefix } : undefined;
}

/**
 * Four decimal parts without leading zeros, or IPv6 as RFC 4291 section 2.2 has it. A zone id (RFC 4007) is of one
 * machine only. Node's own `net.isIP` says the same, and takes milliseconds to load.
 */
function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return IPV6.test(text) && ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined;
}

/** Groups of up to four digits, and perhaps an IPv4 address at the end whose parts have no leading zeros. */
const IPV6 = /^(?=.*:)[\da-f]{0,4}(?::[\da-f]{0,4}){0,8}(?::(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2}))?$/i;

function covers(outer: Range | undefined, inner: Range): boolean {
  if (!outer || outer.address.kind() !== inner.address.kind() || outer.prefix > inner.prefix) return false;
  return inner.address.match(outer.address as never, outer.prefix);
}

function format(range: Range): string {
  range.text ??= formatted(range);
  return range.text;
}

function formatted({ address, prefix }: Range): string {
  const network =
    address.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefix}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${prefix}`);
  return `${network}/${prefix}`;
}
