import type { BuildOptions } from "esbuild";

// CommonJS packages call `require` for Node.js modules. An ES module must create that function itself.
const REQUIRE =
  "import{createRequire as sallyportRequire}from'node:module';const require=sallyportRequire(import.meta.url);";

/** The esbuild options of every function, and of every yardstick of the benchmarks. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"],
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  minify: true,
  keepNames: false,
  legalComments: "linked",
  metafile: true,
  banner: { js: REQUIRE },
  logLevel: "warning",
} as const satisfies BuildOptions;
