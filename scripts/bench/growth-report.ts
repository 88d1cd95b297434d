import { cell, type Table, type Target } from "./report.ts";
import { growth } from "./statistics.ts";

/** The cost of a decision at one size. */
export interface Point {
  readonly size: number;
  /** Milliseconds of the import; NaN if it does not depend on the size. */
  readonly imported: number;
  readonly first: number;
  readonly again: number;
  readonly heap: number;
}

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

export function tableOf({ name, points }: Curve): Table {
  const base = points[0];
  const times = (value: number, first = Number.NaN) => cell(value / first, "×");
  return {
    title: `By ${name}`,
    columns: [name, "start", "×", "first decision", "×", "again", "×", "heap", "×"],
    rows: points.map(({ size, imported, first, again, heap }) => [
      String(size),
      ...[cell(imported, "ms"), times(imported, base?.imported)],
      ...[cell(first, "µs"), times(first, base?.first)],
      ...[cell(again, "µs"), times(again, base?.again)],
      ...[cell(heap / 1024 ** 2, "MiB"), times(heap, base?.heap)],
    ]),
  };
}

const FACTS = ["imported", "first", "again", "heap"] as const;

/** Targets: no cost grows faster than linearly, and the largest number of rules at most doubles a decision's time. */
export function targetsOf({ name, points }: Curve): Target[] {
  const [smallest, largest] = [points[0], points.at(-1)];
  if (!smallest || !largest) return [];
  const [before = smallest] = points.slice(-2);
  const steepest = Math.max(
    ...FACTS.filter((fact) => Number.isFinite(largest[fact])).map((fact) =>
      growth([Math.max(before.size, 1), before[fact]], [largest.size, largest[fact]]),
    ),
  );
  const linear = {
    name: `${name}: steepest growth, 1 is linear`,
    limit: 1.1,
    unit: "exponent",
    reached: steepest,
  } as const;
  if (name !== "rules") return [linear];
  return [
    {
      name: `${name}: ${smallest.size} to ${largest.size}, first decision`,
      limit: 2,
      unit: "×",
      reached: largest.first / smallest.first,
    },
    {
      name: `${name}: ${smallest.size} to ${largest.size}, again`,
      limit: 2,
      unit: "×",
      reached: largest.again / smallest.again,
    },
    linear,
  ];
}
