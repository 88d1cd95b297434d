import { rm } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { BUNDLE } from "../../local/hosts/host.ts";
import { BUNDLE_OPTIONS } from "../bundle-options.ts";

/** What Sallyport is measured beside, by the names of the files in `yardsticks/`. */
export const YARDSTICKS = [
  "empty",
  "jose",
  "aws-jwt-verify",
  "jsonwebtoken",
  "node-saml",
  "get-item",
  "auth0-sample",
  "aws-powertools",
] as const;

export type Yardstick = (typeof YARDSTICKS)[number];

const folderOf = (name: Yardstick) => `dist/bench/${name}`;

/** Where each bundle is; `sallyport` is the very one that is deployed. */
export const bundleOf = (name: Yardstick | "sallyport") =>
  name === "sallyport" ? new URL("index.mjs", BUNDLE) : pathToFileURL(`${folderOf(name)}/index.mjs`);

/** Bundles all of them as Lambdas are bundled. */
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
