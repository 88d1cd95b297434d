import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";

/**
 * Compiles the package: modules and types of what `entry-points/` exports, under `dist/package/`.
 *
 * Usage: package.ts [--check]   with --check it also has the exports checked by publint and are-the-types-wrong
 */
const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: "inherit" });

await rm("dist/package", { recursive: true, force: true });
run("tsc", "--project", "tsconfig.package.json");
if (process.argv.includes("--check")) {
  run("publint", "--strict", "--pack", "false");
  run("attw", "--pack", ".", "--profile", "esm-only");
}
