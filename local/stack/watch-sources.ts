import { watch } from "node:fs";

/** Files and folders whose changes cause a reload. */
const WATCHED = ["functions", "providers", "shared", "sallyport.config.ts", "template.yaml"];

/** The sources are read again after this many milliseconds without a further change. */
const QUIET = 150;

/**
 * Calls back when sources have changed. Changes in quick succession cause one call.
 *
 * @returns a function that stops watching
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
