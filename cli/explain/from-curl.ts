import { split } from "shlex";
import type { LocalRequest } from "../../local/events/request.ts";
import { UsageError } from "../usage-error.ts";

/** Options of curl that take a value and do not change the request. */
const IGNORED_OPTIONS = /^(-o|--output|-w|--write-out|-m|--max-time|--connect-timeout|-A|--user-agent|--retry)$/;

/**
 * Reads a curl command and returns the parts of the request that an authorizer sees: method, path, query and headers.
 *
 * @param stage the API's stage; removed from the beginning of the URL's path
 * @throws {UsageError} if the command has no URL, or ends inside a quotation
 */
export function fromCurl(command: string, stage: string): Pick<LocalRequest, "method" | "path" | "headers" | "query"> {
  const words = wordsOf(command);
  if (words[0] === "curl") words.shift();
  const headers = new Map<string, string>();
  let method: string | undefined;
  let url: URL | undefined;
  let hasBody = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const value = words[index + 1] ?? "";
    if (word === "-H" || word === "--header") {
      const [, name, text] = /^([^:]+):[ \t]*(.*)$/s.exec(value) ?? [];
      if (name !== undefined && text !== undefined) headers.set(name, text);
      index++;
    } else if (word === "-X" || word === "--request") {
      method = value;
      index++;
    } else if (word === "-u" || word === "--user") {
      headers.set("Authorization", `Basic ${Buffer.from(value).toString("base64")}`);
      index++;
    } else if (/^(-d|--data.*|-F|--form)$/.test(word)) {
      hasBody = true;
      index++;
    } else if (IGNORED_OPTIONS.test(word)) {
      index++;
    } else if (!word.startsWith("-")) {
      url = URL.parse(word) ?? URL.parse(`http://${word}`) ?? undefined;
    }
  }
  if (!url) throw new UsageError("The curl command has no URL.");
  const path = url.pathname.startsWith(`/${stage}/`) ? url.pathname.slice(stage.length + 1) : url.pathname;
  return {
    method: method ?? (hasBody ? "POST" : "GET"),
    path,
    headers: Object.fromEntries(headers),
    query: Object.fromEntries(url.searchParams),
  };
}

/** Splits a command into words as a shell does, without expanding anything. */
function wordsOf(command: string): string[] {
  try {
    return split(command);
  } catch {
    throw new UsageError("The curl command ends inside a quotation or after a backslash.");
  }
}
