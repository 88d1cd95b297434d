/** The longest line in bytes. An item of DynamoDB has 400 KB at most. */
const MAX_LENGTH = 1024 * 1024;

/** A line of a file, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined: the line is too long. */
  readonly text: string | undefined;
  /** Bytes of the file up to the end of this line. */
  readonly end: number;
  /** Whether the line has an end. The last line of a file that was cut has none. */
  readonly isWhole: boolean;
}

/** Splits bytes into lines. It holds one line in memory, and not even that if it is too long. */
export async function* linesIn(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line> {
  let [number, end, length] = [0, 0, 0];
  let parts: Buffer[] = [];
  const lineOf = (isWhole: boolean): Line => {
    number++;
    end += length + (isWhole ? 1 : 0);
    const text = length > MAX_LENGTH ? undefined : Buffer.concat(parts).toString();
    [parts, length] = [[], 0];
    return { number, text, end, isWhole };
  };
  const keep = (part: Buffer) => {
    length += part.length;
    if (length > MAX_LENGTH) parts = [];
    else parts.push(part);
  };
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array);
    let start = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
      keep(bytes.subarray(start, at));
      yield lineOf(true);
      start = at + 1;
    }
    keep(bytes.subarray(start));
  }
  if (length > 0) yield lineOf(false);
}
