import { rm } from "node:fs/promises";
import { resolve } from "node:path";
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

/** A bundle that is measured: ours, an earlier build of it, or a yardstick. */
export type Bundle = Yardstick | "sallyport" | "earlier";

let earlier: string | undefined;

/** Measures an earlier build of the authorizer beside this one, such as that of another commit. */
export function compareWith(folder: string): void {
  earlier = folder;
}

/** Our bundle, and the earlier one if there is one to compare with. */
export const ours = (): readonly ("sallyport" | "earlier")[] => ["sallyport", ...(earlier ? ["earlier" as const] : [])];

/** Paths of the bundles; `sallyport` is the deployed one. */
export function bundleOf(name: Bundle): URL {
  if (name === "sallyport") return new URL("index.mjs", BUNDLE);
  const folder = name === "earlier" ? earlier : folderOf(name);
  if (folder === undefined) throw new Error("There is no earlier build to compare with.");
  return pathToFileURL(resolve(folder, "index.mjs"));
}

/** Bundles all yardsticks in the same way as the functions. */
export async function buildYardsticks(): Promise<void> {
  await rm("dist/bench", { recursive: true, force: true });
  for (const name of YARDSTICKS) await bundle(`scripts/bench/yardsticks/${name}.ts`, folderOf(name));
}
