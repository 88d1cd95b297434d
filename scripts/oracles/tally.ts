/** What a run found: how often each outcome came, and the differences, of which it keeps the first. */
export class Tally {
  readonly counts = new Map<string, number>();
  readonly differences: object[] = [];
  /** All differences, also those that are not kept. */
  differing = 0;
  readonly #most: number;

  constructor(most = 5) {
    this.#most = most;
  }

  count(outcome: string): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
  }

  differ(difference: object): void {
    this.differing++;
    if (this.differences.length < this.#most) this.differences.push(difference);
  }

  /** Cases in all. */
  get total(): number {
    return this.differing + [...this.counts.values()].reduce((sum, each) => sum + each, 0);
  }
}
