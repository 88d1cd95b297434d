import { rm } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { BUNDLE } from "../../local/hosts/host.ts";
import { bundle } from "../bundle.ts";

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

/** Bundles all yardsticks in the same way as the functions. */
export async function buildYardsticks(): Promise<void> {
  await rm("dist/bench", { recursive: true, force: true });
  for (const name of YARDSTICKS) await bundle(`scripts/bench/yardsticks/${name}.ts`, folderOf(name));
}
