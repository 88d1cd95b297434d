import type { BuildOptions } from "esbuild";

// Packages in CommonJS call `require` for Node's own modules, which an ES module has to make for itself.
const REQUIRE =
  "import{createRequire as sallyportRequire}from'node:module';const require=sallyportRequire(import.meta.url);";

/** How every Lambda is bundled, and every yardstick that it is measured beside. */
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
