import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { errorText } from "../cli/error-text.ts";
import { checkBundledConfig } from "../cli/project-config.ts";
import { bundle } from "./bundle.ts";

/**
 * Builds every function of `functions/` as an ESM bundle under `dist/functions/<name>/`. The same bundles are tested,
 * measured, run by SAM and deployed. The folder `metadata/`, if it exists, is copied beside those that read it. Code
 * splitting puts each provider's libraries into separate chunks, which load with its first credential.
 *
 * A bundle replaces the last one when it is whole. After a mistake in a source, the last one still works.
 *
 * Usage: build.ts [NAME…]
 */
try {
  // The function itself does not ask whether the time zones of its bundled configuration exist.
  await checkBundledConfig("sallyport.config.ts");
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : await readdir("functions")) await build(name);
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 1;
}

async function build(name: string): Promise<void> {
  const folder = `dist/functions/${name}`;
  const building = `dist/building/${name}-${process.pid}`;
  try {
    const report = await bundle(`functions/${name}/index.ts`, folder, building);
    if (["authorizer", "key-watch"].includes(name) && existsSync("metadata")) {
      await cp("metadata", `${building}/metadata`, { recursive: true });
    }
    await mkdir("dist/functions", { recursive: true });
    await rm(folder, { recursive: true, force: true });
    await rename(building, folder);
    await mkdir("dist/meta", { recursive: true });
    await writeFile(`dist/meta/${name}.json`, JSON.stringify(report));
    const files = Object.values(report.files);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    console.log(`${folder}: ${files.length} files, ${Math.round(bytes / 1024)} KiB`);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}
