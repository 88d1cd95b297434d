import { compareWithNodeSaml } from "./compare-node-saml.ts";
import { runOracle } from "./run.ts";

/**
 * Compares what signatures cover with node-saml's reading, for random messages, as signed and changed.
 *
 * Usage: node-saml.ts [--count N] [--seed N] [--most N]
 */
// Its parser warns of every document that it repairs.
console.warn = () => {};
await runOracle([{ title: "agreement with node-saml", count: 50_000, compare: compareWithNodeSaml }]);
