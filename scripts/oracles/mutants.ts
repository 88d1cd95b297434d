import { compareMutants } from "./compare-mutants.ts";
import { runOracle } from "./run.ts";

/**
 * Changes genuine SAML messages by structure and by bytes. Each mutant must be refused, or prove what the genuine
 * message proves.
 *
 * Usage: mutants.ts [--count N] [--seed N] [--most N]
 */
await runOracle([{ title: "mutants of signed messages", count: 100_000, compare: compareMutants }]);
