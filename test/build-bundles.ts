import { execFileSync } from "node:child_process";

/** Builds the bundles before all tests, so that the tests run what these sources deploy. */
export function setup(): void {
  execFileSync(process.execPath, ["scripts/build.ts"], { stdio: "ignore" });
}
