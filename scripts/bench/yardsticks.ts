import { rm } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { BUNDLE } from "../../local/hosts/host.ts";
import { BUNDLE_OPTIONS } from "../bundle-options.ts";

/** The authorizers and libraries that Sallyport is compared with, by the names of their files in `yardsticks/`. */
export const YARDSTICKS = [
  "empty",
  "jose",
  "jose-logged",
  "aws-jwt-verify",
  "jsonwebtoken",
  "node-saml",
  "get-item",
  "auth0-sample",
  "aws-powertools",
] as const;

export type Yardstick = (typeof YARDSTICKS)[number];

const folderOf = (name: Yardstick) => `dist/bench/${name}`;

/** Paths of the bundles; `sallyport` is the deployed one. */
export const bundleOf = (name: Yardstick | "sallyport") =>
  name === "sallyport" ? new URL("index.mjs", BUNDLE) : pathToFileURL(`${folderOf(name)}/index.mjs`);

/** Bundles all yardsticks with the same options as the functions. */
export async function buildYardsticks(): Promise<void> {
  await rm("dist/bench", { recursive: true, force: true });
  await Promise.all(
    YARDSTICKS.map((name) =>
      build({
        ...BUNDLE_OPTIONS,
        entryPoints: { index: `scripts/bench/yardsticks/${name}.ts` },
        outdir: folderOf(name),
      }),
    ),
  );
}
