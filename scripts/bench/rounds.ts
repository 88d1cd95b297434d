import type { Measured, Subject } from "./measured.ts";

/** One line of a table: a subject with a case. */
export interface Row {
  readonly name: string;
  readonly subject: Subject;
  readonly file: string;
  /** Decisions in a round. */
  readonly count: number;
}

/** The measurements of a row, one for each round. */
export type Rounds = ReadonlyMap<string, readonly Measured[]>;

export interface Length {
  readonly rounds: number;
  /** Makes only a few decisions, to check that everything runs. The figures are not meaningful. */
  readonly quick: boolean;
}

/** Warm-up rounds, which are not counted. */
const warmUpOf = ({ quick }: Length) => (quick ? 1 : 8);

/** The number of credentials that a row with fresh ones needs, with one to check the answer. */
export const needed = (length: Length, count: number) => (length.rounds + warmUpOf(length)) * count + 1;

/**
 * Measures rows in turn, A B C A B C …, so that a change of the machine's speed affects all of them. Every other round
 * runs in reverse order, so that no row always follows the same one.
 */
export async function interleave(rows: readonly Row[], length: Length): Promise<Rounds> {
  const results = new Map<string, Measured[]>(rows.map(({ name }) => [name, []]));
  for (let round = -warmUpOf(length); round < length.rounds; round++) {
    for (const { name, subject, file, count } of round % 2 === 0 ? rows : rows.toReversed()) {
      const measured = await subject.run(file, count);
      if (round >= 0) results.get(name)?.push(measured);
    }
  }
  return results;
}
