import type { LocalRequest } from "../../local/events/request.ts";
import { UsageError } from "../usage-error.ts";

/** Options of curl that take a value and say nothing of the request. */
const SKIPPED = /^(-o|--output|-w|--write-out|-m|--max-time|--connect-timeout|-A|--user-agent|--retry)$/;

/**
 * The request of a curl command, as far as an authorizer is told of it: method, path, query and headers.
 *
 * @param stage first part of the path, if it is the URL's
 * @throws {UsageError} if there is no URL in it
 */
export function fromCurl(command: string, stage: string): Pick<LocalRequest, "method" | "path" | "headers" | "query"> {
  const words = split(command);
  if (words[0] === "curl") words.shift();
  const headers: Record<string, string> = {};
  let method: string | undefined;
  let url: URL | undefined;
  let hasBody = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const value = words[index + 1] ?? "";
    if (word === "-H" || word === "--header") {
      const [, name, text] = /^([^:]+):\s*(.*)$/s.exec(value) ?? [];
      if (name !== undefined && text !== undefined) headers[name] = text;
      index++;
    } else if (word === "-X" || word === "--request") {
      method = value;
      index++;
    } else if (word === "-u" || word === "--user") {
      headers.Authorization = `Basic ${Buffer.from(value).toString("base64")}`;
      index++;
    } else if (/^(-d|--data.*|-F|--form)$/.test(word)) {
      hasBody = true;
      index++;
    } else if (SKIPPED.test(word)) {
      index++;
    } else if (!word.startsWith("-")) {
      url = URL.parse(word) ?? URL.parse(`http://${word}`) ?? undefined;
    }
  }
  if (!url) throw new UsageError("The curl command has no URL.");
  const path = url.pathname.startsWith(`/${stage}/`) ? url.pathname.slice(stage.length + 1) : url.pathname;
  return { method: method ?? (hasBody ? "POST" : "GET"), path, headers, query: Object.fromEntries(url.searchParams) };
}

/** Words of a shell command, quotes and backslashes as in sh. Nothing is expanded. */
function split(command: string): string[] {
  const words: string[] = [];
  for (const [, word = ""] of command
    .replaceAll("\\\n", " ")
    .matchAll(/((?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)/gs)) {
    words.push(
      word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_, double?: string, single?: string, escaped?: string) =>
        double !== undefined ? double.replace(/\\(["\\$`])/g, "$1") : (single ?? escaped ?? ""),
      ),
    );
  }
  return words;
}
