import { build } from "./build.ts";
import { errorMessage } from "./error-message.ts";
import type { LocalStack } from "./local-stack.ts";
import { watchSources } from "./watch-sources.ts";

/**
 * Reloads a stack when its sources change. After a mistake the stack goes on as it was.
 *
 * @param reloaded called after each reload
 * @returns a function that stops it
 */
export function reloadOn(
  stack: LocalStack,
  options: { readonly template: string; readonly build: boolean },
  reloaded: () => Promise<unknown>,
): () => void {
  let last: Promise<void> | undefined;
  let isWaiting = false;
  const reload = async () => {
    isWaiting = false;
    try {
      if (options.build) await build();
      await stack.reload();
      await reloaded();
      console.log("reloaded");
    } catch (error) {
      console.error(`Not reloaded; the last good configuration still serves.`);
      console.error(errorMessage(error));
    }
  };
  return watchSources(() => {
    // One at a time, and one more for all changes in the meantime.
    if (isWaiting) return;
    isWaiting = true;
    last = (last ?? Promise.resolve()).then(reload);
  }, options.template);
}
