import { Session } from "node:inspector/promises";
import { setFlagsFromString } from "node:v8";

/*
 * Work that is counted and not timed: blocks of JavaScript that ran, as V8's coverage counts them, and characters that
 * its text functions were given to search. A regular expression is bounded instead: one that goes back over a text again
 * and again (ReDoS) is an error.
 */

setFlagsFromString("--allow-natives-syntax");
// So that every step back is counted.
setFlagsFromString("--no-regexp-optimization");
const limitedRegExp = new Function(
  ...["source", "flags", "limit"],
  "return %NewRegExpWithBacktrackLimit(source, flags, limit)",
) as (source: string, flags: string, limit: number) => RegExp;
setFlagsFromString("--no-allow-natives-syntax");

/** Steps back for each character of a text, and for any text. What is quadratic takes thousands. */
const STEPS = { each: 64, any: 10_000 };

const { exec } = RegExp.prototype;

/** Whether an expression takes more steps back for a text than are allowed. */
export function isExcessive(expression: RegExp, text: string): boolean {
  const { source, flags, sticky, lastIndex } = expression;
  // The second alternative always matches, so that no match at all means that the limit was reached.
  const limited = limitedRegExp(
    `(?:${source})|${sticky ? "" : "(?![^])"}`,
    flags,
    STEPS.each * text.length + STEPS.any,
  );
  limited.lastIndex = lastIndex > text.length ? 0 : lastIndex;
  return exec.call(limited, text) === null;
}

/** Texts that are too short for an expression to matter are not looked at. */
const SHORT = 2000;

let searched = 0;

/** Watches expressions and text functions, until the function that it returns is called. */
function watch(): () => void {
  const { includes, indexOf } = String.prototype;
  const count = (text: unknown) => {
    searched += String(text).length;
  };
  RegExp.prototype.exec = function (text: string) {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    // One that is asked at every place of a text, as by `split`, is judged once for all of them.
    if (from === 0 && text.length > SHORT && isExcessive(new RegExp(this, this.flags.replace("y", "")), text)) {
      throw new Error(`/${this.source}/ goes back over a text of ${text.length} characters again and again`);
    }
    const found = exec.call(this, text);
    searched += found ? found.index + found[0].length - from : this.sticky ? 1 : text.length - from;
    return found;
  };
  String.prototype.includes = function (...given) {
    count(this);
    return includes.apply(this, given);
  };
  String.prototype.indexOf = function (...given) {
    const at = indexOf.apply(this, given);
    searched += (at < 0 ? this.length : at) - (given[1] ?? 0);
    return at;
  };
  return () => {
    RegExp.prototype.exec = exec;
    Object.assign(String.prototype, { includes, indexOf });
  };
}

const session = new Session();
session.connect();
await session.post("Profiler.enable");
// Blocks are counted in functions that are compiled from now on: import this module before what it counts.
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/**
 * The work of an action: blocks of JavaScript and searched characters. It is the same each time but for what is done
 * once, such as loading a module.
 */
export async function workOf(act: () => Promise<unknown>): Promise<number> {
  await session.post("Profiler.takePreciseCoverage");
  searched = 0;
  const restore = watch();
  try {
    await act();
  } finally {
    restore();
  }
  const { result } = await session.post("Profiler.takePreciseCoverage");
  const blocks = result.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges));
  return blocks.reduce((sum, { count }) => sum + count, searched);
}
