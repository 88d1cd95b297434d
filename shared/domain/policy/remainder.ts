import { TroubleError } from "../reasons/errors.ts";
import { coversPattern, overlaps, withoutCovered } from "../resource/pattern.ts";
import { isWithin } from "../time/interval.ts";
import { type AddressCell, addressCells } from "./address-cells.ts";
import type { Limits } from "./condition.ts";
import { endpointCells } from "./endpoint-cells.ts";
import { type Granted, isUnlimited, type Life } from "./granted.ts";

/** A denial: of these resources, or of all but these, within these limits. */
export interface Remainder {
  readonly effect: "Deny";
  readonly resources: readonly string[];
  readonly not?: true;
  readonly limits: Limits;
}

/** All that the stage has. */
const STAGE = ["*"];

/** More statements than 8 KB have room for. */
const MAX_STATEMENTS = 64;

/**
 * Denials of all that is not allowed: other resources, other addresses, later times, and what is allowed with limits
 * of its own wherever they are not kept. Time is sliced where a window opens or closes, addresses where a range
 * begins, VPC endpoints by the rules that name them: in each part a rule holds as a whole or not at all, so that each part needs one denial at most, however
 * many rules overlap.
 *
 * @throws {TroubleError} `policy_too_large` if there are more parts than a policy has room for
 */
export function remainder(allowed: readonly Granted[], life: Life): readonly Remainder[] {
  const all = withoutCovered(allowed.flatMap(({ resources }) => resources));
  const denials: Remainder[] = [
    denial({ resources: all, not: true }, {}),
    ...(life.addresses ? [denial({ resources: STAGE }, { outside: life.addresses })] : []),
    denial({ resources: STAGE }, { start: life.end }),
  ];
  if (allowed.every((granted) => isUnlimited(granted, life))) return denials;
  const cells = addressCells(allowed.flatMap(({ addresses }) => (addresses ? [addresses] : [])));
  for (const { limits, counts } of endpointCells(allowed.flatMap(({ endpoints }) => (endpoints ? [endpoints] : [])))) {
    const here = allowed.filter(({ endpoints }) => counts(endpoints));
    for (const cell of cells) {
      const closed = closedIn(cell, all, here, life);
      denials.push(...closed.map((each) => ({ ...each, limits: { ...each.limits, ...limits } })));
      if (denials.length > MAX_STATEMENTS) throw new TroubleError("policy_too_large");
    }
  }
  return denials;
}

/** What is closed in one cell of addresses, slice by slice; slices in a row that are alike are one. */
function closedIn(cell: AddressCell, all: readonly string[], allowed: readonly Granted[], life: Life): Remainder[] {
  const here = allowed.filter(({ addresses }) => cell.counts(addresses));
  const starts = sliceStarts(here, life);
  const closed: Remainder[] = [];
  let last: { key: string; body: Closed; start: number } | undefined;
  const finish = (end: number) => {
    if (!last || last.body.resources.length === 0) return;
    const { start } = last;
    closed.push(
      denial(last.body, {
        ...(start > life.start && { start }),
        ...(end < life.end && { end }),
        ...(cell.inside && { addresses: cell.inside }),
        ...(cell.outside.length > 0 && { outside: cell.outside }),
      }),
    );
  };
  for (const start of starts) {
    const open = here.filter(({ intervals }) => isWithin(intervals, start)).flatMap(({ resources }) => resources);
    const body = closedBeside(open, all);
    const key = JSON.stringify(body);
    if (last?.key === key) continue;
    finish(start);
    last = { key, body, start };
  }
  finish(life.end);
  return closed;
}

type Closed = Pick<Remainder, "resources" | "not">;

/** Instants from which other rules are open than before. */
function sliceStarts(granted: readonly Granted[], life: Life): number[] {
  const bounds = granted.flatMap(({ intervals }) => intervals.flatMap(({ start, end }) => [start, end]));
  const starts = new Set([life.start, ...bounds].filter((time) => time < life.end));
  return [...starts].sort((left, right) => left - right);
}

/**
 * The resources out of all that are not open: by their names if these are fewer, and none of them overlaps an open
 * one.
 */
function closedBeside(open: readonly string[], all: readonly string[]): Closed {
  const closed = all.filter((inner) => !open.some((outer) => coversPattern(outer, inner)));
  if (closed.length === 0) return { resources: [] };
  if (open.length === 0) return { resources: STAGE };
  const named = withoutCovered(open);
  const apart = closed.length <= named.length && !closed.some((one) => named.some((other) => overlaps(one, other)));
  return apart ? { resources: closed } : { resources: named, not: true };
}

const denial = ({ resources, not }: Closed, limits: Limits): Remainder => ({
  effect: "Deny",
  resources,
  ...(not && { not }),
  limits,
});
