import { resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import minimum from "../minimum-node/package.json" with { type: "json" };

/** The versions of Node.js that the package is tested on: the oldest that it promises, and the one of Lambda. */
export const NODE_VERSIONS: readonly { readonly version: string; readonly node: string }[] = [
  { version: minimum.dependencies.node, node: resolve("test/minimum-node/node_modules/node/bin/node") },
  { version: manifest.devDependencies.node, node: resolve("node_modules/node/bin/node") },
];
