import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import manifest from "../package.json" with { type: "json" };

/**
 * Compiles the package: modules and types of what `entry-points/` exports under `dist/package/`, and the command line under `dist/cli/`.
 *
 * Usage: package.ts [--check] [--out FOLDER]
 *
 *   --check        have the exports checked by publint and are-the-types-wrong, too
 *   --out FOLDER   another folder than dist
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
 * Bundles the command line with what it takes of the development dependencies, so that who installs the package needs none of them. The
 * package's own dependencies stay outside.
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
    // The embedded database of the local stack is in reach of the command line, which never starts it.
    external: [...Object.keys(manifest.dependencies), "dynalite"],
    legalComments: "linked",
    // Packages in CommonJS call `require` for Node's own modules.
    banner: {
      js: "import{createRequire as sallyportRequire}from'node:module';const require=sallyportRequire(import.meta.url);",
    },
    logLevel: "warning",
  });
}
