/**
 * Bytes of the keys or records of an answer. Lambda answers with up to 6 MB, in which the body is a text of JSON once more: each
 * quotation mark and backslash takes two bytes.
 */
export const ANSWER_LENGTH = 2 * 1024 * 1024;

interface Options {
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * A page whose items fit into an answer. One with larger items is read again with as many as fit, so that its cursor is
 * that of the last one.
 *
 * @param shown the items of a page as the answer has them
 */
export async function pageWithin<Page>(
  { limit, ...options }: Options,
  read: (options: Options) => Promise<Page>,
  shown: (page: Page) => readonly object[],
): Promise<Page> {
  for (let most = limit; ; ) {
    const page = await read({ ...options, limit: most });
    const lengths = shown(page).map((item) => Buffer.byteLength(JSON.stringify(item)));
    const fitting = countWithin(lengths);
    if (fitting === lengths.length) return page;
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
