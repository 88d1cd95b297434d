import type { KeyPage, ListedKey } from "../../../providers/api-key/management/key-table.ts";

/**
 * Bytes of the keys of an answer. Lambda answers with up to 6 MB, in which the body is a text of JSON once more: each
 * quotation mark and backslash takes two bytes.
 */
export const ANSWER_LENGTH = 2 * 1024 * 1024;

interface Options {
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * A page whose keys fit into an answer. One with larger keys is read again with as many as fit, so that its cursor is
 * that of the last one.
 *
 * @param shown a key as the answer has it
 */
export async function pageWithin(
  { limit, ...options }: Options,
  shown: (key: ListedKey) => object,
  read: (options: Options) => Promise<KeyPage>,
): Promise<KeyPage> {
  for (let most = limit; ; ) {
    const page = await read({ ...options, limit: most });
    const fitting = countWithin(page.keys.map((key) => Buffer.byteLength(JSON.stringify(shown(key)))));
    if (fitting === page.keys.length) return page;
    most = Math.min(fitting, most - 1);
  }
}

/** How many of the first lengths are within the bound together: one at least. */
function countWithin(lengths: readonly number[]): number {
  let sum = 0;
  const first = lengths.findIndex((length) => {
    sum += length;
    return sum > ANSWER_LENGTH;
  });
  return first < 0 ? lengths.length : Math.max(1, first);
}
