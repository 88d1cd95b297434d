import { type FSWatcher, readdirSync, watch } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Folders whose changes cause a reload, with all that is in them. */
const FOLDERS = ["functions", "providers", "shared", "metadata"];

/** Modules and data beside the configuration, which it may import. */
const MODULE = /\.(ts|mts|js|mjs|json)$/;

/** The sources are read again after this many milliseconds without a further change. */
const QUIET = 150;

/**
 * Calls back when sources have changed. Changes in quick succession cause one call.
 *
 * It watches folders and not files: editors save by renaming a new file over the old one, and a watched file is then
 * gone. For the same reason it does not use `recursive`, which watches each file on Linux.
 *
 * @param template file of the SAM template
 * @param project folder of the project
 * @returns a function that stops watching
 */
export function watchSources(changed: () => void, template: string, project = "."): () => void {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  const isSource = (folder: string, name: string) =>
    folder !== resolve(project) || MODULE.test(name) || FOLDERS.includes(name) || name === basename(template);
  const follow = () => {
    const folders = new Set([project, dirname(template), ...FOLDERS.flatMap((name) => foldersIn(join(project, name)))]);
    const wanted = new Set([...folders].map((folder) => resolve(folder)));
    for (const [folder, watcher] of watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of wanted) if (!watchers.has(folder)) add(folder);
  };
  const add = (folder: string) => {
    try {
      const watcher = watch(folder, (_, name) => {
        if (name !== null && !isSource(folder, name)) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          follow();
          changed();
        }, QUIET);
      });
      watcher.on("error", () => watcher.close());
      watchers.set(folder, watcher);
    } catch {
      // The folder has been removed in the meantime.
    }
  };
  follow();
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}

/** A folder and all folders in it; none if it does not exist. */
function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return [
      folder,
      ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name)),
    ];
  } catch {
    return [];
  }
}
