import { StackError } from "../../gateway/stack-error.ts";
import { jsonPattern } from "./json-pattern.ts";

/** Whether the text of a log event matches. */
export type LogFilter = (text: string) => boolean;

/**
 * A filter pattern of CloudWatch Logs (user guide, "Filter pattern syntax"): none for all events, quoted phrases of which
 * the text must contain all or, if they have question marks, one, and JSON patterns. Unquoted terms, terms with a minus
 * and patterns of columns are not supported.
 *
 * @throws {StackError} for another pattern, and for a mixture: CloudWatch then ignores the phrases with question marks
 */
export function logFilter(pattern: string): LogFilter {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return jsonPattern(text);
  if (!/^\??"[^"]+"( +\??"[^"]+")*$/.test(text)) {
    throw new StackError(`The filter pattern ${pattern} does not consist of quoted phrases.`);
  }
  const terms = [...text.matchAll(/(\??)"([^"]+)"/g)].map(([, mark, phrase = ""]) => ({ any: mark === "?", phrase }));
  if (new Set(terms.map(({ any }) => any)).size > 1) {
    throw new StackError(`The filter pattern ${pattern} mixes ? and phrases.`);
  }
  return terms[0]?.any
    ? (line) => terms.some(({ phrase }) => line.includes(phrase))
    : (line) => terms.every(({ phrase }) => line.includes(phrase));
}
