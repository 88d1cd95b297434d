import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import manifest from "../package.json" with { type: "json" };

/**
 * Builds the package: modules and types of `entry-points/` under `dist/package/`, and the command line under
 * `dist/cli/`.
 *
 * Usage: package.ts [--check] [--out FOLDER]
 *
 *   --check        also check the exports with publint and are-the-types-wrong
 *   --out FOLDER   the output folder; by default dist
 */
const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, out: { type: "string", default: "dist" } },
});

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: "inherit" });

await buildEntryPoints(join(values.out, "package"));
await buildCommandLine(join(values.out, "cli"));
if (values.check) {
  run("publint", "--strict", "--pack", "false");
  run("attw", "--pack", ".", "--profile", "esm-only");
}

async function buildEntryPoints(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  run("tsc", "--project", "tsconfig.package.json", "--outDir", outdir);
}

/**
 * Bundles the command line with the development dependencies that it uses, so that users of the package do not install
 * them. The package's own dependencies are not bundled.
 */
async function buildCommandLine(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: { sallyport: "cli/main.ts" },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: `node${manifest.engines.node.replace(/^>=/, "")}`,
    mainFields: ["module", "main"],
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunks/[name]-[hash]",
    // The command line imports the local stack's embedded database but never starts it.
    external: [...Object.keys(manifest.dependencies), "dynalite"],
    legalComments: "linked",
    // CommonJS packages call `require` for Node.js modules.
    banner: {
      js: "import{createRequire as sallyportRequire}from'node:module';const require=sallyportRequire(import.meta.url);",
    },
    logLevel: "warning",
  });
}
