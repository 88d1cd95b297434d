import { type Mutant, type Survivor, survivorOf } from "./survivor.ts";

/** Part of the mutants that the tests of an area must notice. */
export const TARGET = 0.95;

/** A survivor that somebody looked at: the change makes no difference that a test could see, or should. */
export interface Equivalent {
  readonly file: string;
  /** The first changed line, before and after the change. */
  readonly was: string;
  readonly becomes: string;
  readonly why: string;
}

export interface Judgement {
  readonly mutants: number;
  readonly noticed: number;
  /** Of the noticed ones, those whose tests did not end: on a slow machine, look at them. */
  readonly timedOut: number;
  /** Survivors that the list explains. */
  readonly explained: number;
  /** Survivors that it does not. */
  readonly survivors: readonly Survivor[];
  /** Entries of the list, for the mutated files, that are not survivors any more. */
  readonly stale: readonly Equivalent[];
  readonly isGood: boolean;
}

/** What the mutants of an area come to. @param sources the text of each mutated file */
export function judge(
  results: readonly Mutant[],
  sources: ReadonlyMap<string, string>,
  equivalents: readonly Equivalent[],
): Judgement {
  const having = (...statuses: string[]) => results.filter(({ status }) => statuses.includes(status));
  const noticed = having("Killed", "Timeout").length;
  const all = having("Survived", "NoCoverage").map((mutant) => survivorOf(mutant, sources.get(mutant.fileName) ?? ""));
  const mutants = noticed + all.length;
  const known = new Set(equivalents.map(keyOf));
  const found = new Set(all.map(keyOf));
  const survivors = all.filter((survivor) => !known.has(keyOf(survivor)));
  return {
    ...{ mutants, noticed, survivors },
    timedOut: having("Timeout").length,
    explained: all.length - survivors.length,
    stale: equivalents.filter((each) => sources.has(each.file) && !found.has(keyOf(each))),
    isGood: survivors.length === 0 && noticed >= mutants * TARGET,
  };
}

const keyOf = ({ file, was, becomes }: Pick<Survivor, "file" | "was" | "becomes">) => `${file}\n${was}\n${becomes}`;
