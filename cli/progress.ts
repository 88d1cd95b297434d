import type { Output } from "./command-io.ts";

/** Characters of the bar. */
const WIDTH = 24;

/** Milliseconds between two lines without a terminal. */
const PAUSE = 10_000;

/** A line on a terminal that says how far a long command is. Without a terminal, a line every ten seconds. */
export interface Progress {
  /** @param part how much is done, 0 to 1; absent if nobody knows how much there is */
  show(text: string, part?: number): void;
  /** Removes the line. */
  end(): void;
}

export function progressOn(stream: Output): Progress {
  if (stream.isTTY !== true) return linesOn(stream);
  let shown = "";
  return {
    show(text, part) {
      const line = part === undefined ? text : `${bar(part)} ${text}`;
      if (line === shown) return;
      shown = line;
      stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}${CLEAR_REST}`);
    },
    end() {
      if (shown !== "") stream.write(`\r${CLEAR_REST}`);
      shown = "";
    },
  };
}

/** For logs, which keep every line. A short command writes none. */
function linesOn(stream: Output): Progress {
  let last = Date.now();
  return {
    show(text, part) {
      if (Date.now() < last + PAUSE) return;
      last = Date.now();
      stream.write(`${part === undefined ? "" : `${Math.floor(part * 100)} %, `}${text}\n`);
    },
    end() {},
  };
}

const CLEAR_REST = `${String.fromCharCode(27)}[K`;

function bar(part: number): string {
  const full = Math.floor(Math.min(1, Math.max(0, part)) * WIDTH);
  return `[${"#".repeat(full)}${"-".repeat(WIDTH - full)}] ${String(Math.floor(part * 100)).padStart(3)} %`;
}
