import { coversRange } from "../address/address-range.ts";
import { TroubleError } from "../reasons/errors.ts";

/** Addresses for which the same rules count. */
export interface AddressCell {
  /** Ranges that an address must be in one of. Absent: any. */
  readonly inside?: readonly string[];
  /** Ranges that an address must not be in. */
  readonly outside: readonly string[];
  /** Whether a rule that is limited to these ranges counts here. */
  counts(ranges: readonly string[] | undefined): boolean;
}

/** More ranges than 8 KB have room for, each of which is compared with each. */
const MAX_RANGES = 128;

/**
 * Parts the addresses by the ranges that rules are limited to: ranges lie within one another or apart, so that each
 * range without those within it is one cell, and what is in none of them another. In a cell each rule counts
 * everywhere or nowhere.
 *
 * @param lists canonical CIDRs, one list for each rule
 * @throws {TroubleError} `policy_too_large` if several rules have more ranges between them than a policy has room for
 */
export function addressCells(lists: readonly (readonly string[])[]): AddressCell[] {
  if (lists.length === 0) return [{ outside: [], counts: () => true }];
  const [only = [], ...others] = new Map(lists.map((list) => [String(list), list])).values();
  if (others.length === 0)
    return [
      { outside: only, counts: (list) => !list },
      { inside: only, outside: [], counts: () => true },
    ];
  const ranges = [...new Set(lists.flat())];
  if (ranges.length > MAX_RANGES) throw new TroubleError("policy_too_large");
  const within = (outer: string) => ranges.filter((inner) => inner !== outer && coversRange(outer, inner));
  const plain = new Map<string, string[]>();
  const cells: AddressCell[] = [];
  for (const range of ranges) {
    const holes = outermost(within(range));
    const counting = lists.map((list) => list.some((other) => coversRange(other, range)));
    if (holes.length > 0) cells.push(cellOf([range], holes));
    // Ranges that the same rules count in, and that have no others in them, are one cell.
    else plain.set(String(counting), [...(plain.get(String(counting)) ?? []), range]);
  }
  return [
    { outside: outermost(ranges), counts: (list) => !list },
    ...cells,
    ...[...plain.values()].map((list) => cellOf(list, [])),
  ];
}

function cellOf(inside: readonly string[], outside: readonly string[]): AddressCell {
  const [first = ""] = inside;
  return { inside, outside, counts: (list) => !list || list.some((range) => coversRange(range, first)) };
}

const outermost = (ranges: readonly string[]) =>
  ranges.filter((inner) => !ranges.some((outer) => outer !== inner && coversRange(outer, inner)));
