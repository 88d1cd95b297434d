import { execFileSync } from "node:child_process";

/** Before any test: the bundles are built anew, so that what is tested is what would be deployed from these sources. */
export function setup(): void {
  execFileSync(process.execPath, ["scripts/build.ts"], { stdio: "ignore" });
}
