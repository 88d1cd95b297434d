import type { Measured, Subject } from "./measured.ts";

/** One line of a table: a subject with a case. */
export interface Row {
  readonly name: string;
  readonly subject: Subject;
  readonly file: string;
  /** Decisions in a round. */
  readonly count: number;
}

/** What was measured of a row, round by round. */
export type Rounds = ReadonlyMap<string, readonly Measured[]>;

export interface Length {
  readonly rounds: number;
  /** A handful of decisions, to see that everything runs: nothing of its figures means anything. */
  readonly quick: boolean;
}

/** Rounds that are thrown away: by then everything is compiled. */
const warmUpOf = ({ quick }: Length) => (quick ? 1 : 8);

/** Credentials that a row with fresh ones takes, one for a look at the answer included. */
export const needed = (length: Length, count: number) => (length.rounds + warmUpOf(length)) * count + 1;

/**
 * Measures rows in turn, A B C A B C …: a machine that slows down or speeds up does so for all of them. Every other round goes backwards, so that none always follows
 * the same neighbour.
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
