import { compareCanonicalForms } from "./canonical-forms.ts";
import { findPython, NO_PYTHON, startLibxml2 } from "./libxml2-judge.ts";
import { runOracle } from "./run.ts";
import { compareSignatures } from "./signatures.ts";

/**
 * Compares canonical forms and signatures over random documents with libxml2.
 *
 * Usage: libxml2.ts [--count N] [--seed N] [--most N]
 */
const python = findPython();
if (python === undefined) throw new Error(NO_PYTHON);
const libxml2 = startLibxml2(python);
try {
  await runOracle([
    {
      title: "canonical forms",
      count: 100_000,
      compare: (seed, count, tally) => compareCanonicalForms(libxml2, seed, count, tally),
    },
    {
      title: "signatures",
      count: 30_000,
      compare: (seed, count, tally) => compareSignatures(libxml2, seed, count, tally),
    },
  ]);
} finally {
  await libxml2.close();
}
