import { watch } from "node:fs";

/** Files and folders whose change is worth a reload. */
const WATCHED = ["functions", "providers", "shared", "sallyport.config.ts", "template.yaml"];

/** Milliseconds without a further change after which the sources are read again. */
const QUIET = 150;

/**
 * Calls back when sources have changed, once for changes that follow one another quickly.
 *
 * @returns ends it
 */
export function watchSources(changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watchers = WATCHED.map((path) =>
    watch(path, { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(changed, QUIET);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
