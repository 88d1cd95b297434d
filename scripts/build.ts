import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import bundled from "../sallyport.config.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import { bundle } from "./bundle.ts";

/**
 * Builds every function of `functions/` as an ESM bundle under `dist/functions/<name>/`. The same bundles are tested,
 * measured, run by SAM and deployed. The folder `metadata/`, if it exists, is copied beside the authorizer. Code
 * splitting puts each provider's libraries into separate chunks, which load with its first credential.
 *
 * Usage: build.ts [NAME…]
 */
// The function itself does not ask whether the time zones of its bundled configuration exist.
parseConfig(bundled, "sallyport.config.ts");

const names = process.argv.length > 2 ? process.argv.slice(2) : await readdir("functions");

for (const name of names) {
  const folder = `dist/functions/${name}`;
  await rm(folder, { recursive: true, force: true });
  const report = await bundle(`functions/${name}/index.ts`, folder);
  if (name === "authorizer" && existsSync("metadata")) await cp("metadata", `${folder}/metadata`, { recursive: true });
  await mkdir("dist/meta", { recursive: true });
  await writeFile(`dist/meta/${name}.json`, JSON.stringify(report));
  const files = Object.values(report.files);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  console.log(`${folder}: ${files.length} files, ${Math.round(bytes / 1024)} KiB`);
}
