import { resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import minimum from "../minimum-node/package.json" with { type: "json" };

/** The Node.js versions on which the package is tested: the minimum of package.json, and the version of Lambda. */
export const NODE_VERSIONS: readonly { readonly version: string; readonly node: string }[] = [
  { version: minimum.dependencies.node, node: resolve("test/minimum-node/node_modules/node/bin/node") },
  { version: manifest.devDependencies.node, node: resolve("node_modules/node/bin/node") },
];
