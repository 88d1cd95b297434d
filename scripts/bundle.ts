import { relative, resolve } from "node:path";
import { type OutputChunk, type RolldownOutput, rolldown } from "rolldown";

/** What a bundle consists of; paths are relative to the project. */
export interface BundleReport {
  readonly files: Readonly<Record<string, BundledFile>>;
}

export interface BundledFile {
  readonly bytes: number;
  /** Files that are loaded together with this one. */
  readonly imports: readonly string[];
  /** Source files whose code is in it. */
  readonly sources: readonly string[];
}

/**
 * Bundles an entry point as ESM for Node.js. What every start needs is one file besides the entry point, because
 * each further file makes a start slower. Everything behind an `import()` is in files of its own.
 *
 * The entry point itself stays apart: it waits for its configuration at the top level, and what that loads with
 * `import()` must not wait for the entry point in turn.
 *
 * @param entry path of its source
 * @param folder of the bundle
 * @param writeTo where it is written, if it is moved to `folder` later
 * @throws {Error} also for what rolldown only warns of
 */
export async function bundle(entry: string, folder: string, writeTo = folder): Promise<BundleReport> {
  const bundler = await rolldown({
    input: { index: entry },
    platform: "node",
    resolve: { mainFields: ["module", "main"] },
    transform: { target: "node24" },
    onLog: (level, { message }) => {
      if (level === "warn") throw new Error(message);
    },
  });
  const output = await bundler.write({
    dir: writeTo,
    format: "esm",
    minify: true,
    entryFileNames: "[name].mjs",
    chunkFileNames: "chunks/[name]-[hash].mjs",
    codeSplitting: { groups: [{ name: "start", tags: ["$initial"], test: (id) => id !== resolve(entry) }] },
  });
  await bundler.close();
  return reportOf(output, folder);
}

function reportOf({ output }: RolldownOutput, folder: string): BundleReport {
  const chunks = output.filter((file): file is OutputChunk => file.type === "chunk");
  const own = new Set(chunks.map(({ fileName }) => fileName));
  return {
    files: Object.fromEntries(
      chunks.map(({ fileName, code, imports, modules }) => [
        `${folder}/${fileName}`,
        {
          bytes: Buffer.byteLength(code),
          imports: imports.filter((file) => own.has(file)).map((file) => `${folder}/${file}`),
          sources: Object.entries(modules).flatMap(([id, { renderedLength }]) =>
            renderedLength > 0 && !id.startsWith("\0") ? relative(".", id) : [],
          ),
        },
      ]),
    ),
  };
}
