import { TroubleError } from "./reasons/errors.ts";
import type { Trouble } from "./reasons/reasons.ts";

/**
 * Opens something at its first use, such as a store or code that few need, and keeps it. All who ask meanwhile share one
 * attempt. What could not be opened is opened again by the next one: it may have been a moment's trouble.
 *
 * @param trouble what it is called if it cannot be opened. Absent: the error itself is thrown
 */
export function openedOnce<T>(open: () => Promise<T>, trouble?: Trouble): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return async () => {
    opened ??= Promise.resolve().then(open);
    const attempt = opened;
    try {
      return await attempt;
    } catch (error) {
      if (opened === attempt) opened = undefined;
      throw trouble === undefined || error instanceof TroubleError ? error : new TroubleError(trouble, error);
    }
  };
}
