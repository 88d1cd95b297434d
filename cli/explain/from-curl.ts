import { parseArgs } from "node:util";
import { split } from "shlex";
import type { LocalRequest } from "../../local/events/request.ts";
import { UsageError } from "../usage-error.ts";

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;

/** Options of curl that say what is asked for. */
const REQUEST = {
  header: { ...texts, short: "H" },
  request: { ...text, short: "X" },
  user: { ...text, short: "u" },
  cookie: { ...texts, short: "b" },
  "oauth2-bearer": text,
  url: text,
  head: { ...flag, short: "I" },
  data: { ...texts, short: "d" },
  "data-ascii": texts,
  "data-binary": texts,
  "data-raw": texts,
  "data-urlencode": texts,
  form: { ...texts, short: "F" },
  json: texts,
} as const;

/** Options of curl that change nothing of what an authorizer sees. */
const OTHERS = {
  ...{ output: { ...text, short: "o" }, "write-out": { ...text, short: "w" }, "user-agent": { ...text, short: "A" } },
  ...{ "max-time": { ...text, short: "m" }, "connect-timeout": text, retry: text, referer: { ...text, short: "e" } },
  ...{ cacert: text, cert: { ...text, short: "E" }, key: text, resolve: texts, proxy: { ...text, short: "x" } },
  ...{ silent: { ...flag, short: "s" }, "show-error": { ...flag, short: "S" }, include: { ...flag, short: "i" } },
  ...{ verbose: { ...flag, short: "v" }, location: { ...flag, short: "L" }, fail: { ...flag, short: "f" } },
  ...{ insecure: { ...flag, short: "k" }, globoff: { ...flag, short: "g" }, "no-buffer": { ...flag, short: "N" } },
  ...{ compressed: flag, "fail-with-body": flag, "http1.1": flag, http2: flag, "no-progress-meter": flag },
} as const;

/**
 * Reads a curl command and returns the parts of the request that an authorizer sees: method, path, query and headers.
 * A command that cannot be followed is refused: explained without its credential, it would mislead.
 *
 * @param stage the API's stage; removed from the beginning of the URL's path
 * @throws {UsageError} if the command has no URL, an unknown option or a header from elsewhere, or ends in a quotation
 */
export function fromCurl(command: string, stage: string): Pick<LocalRequest, "method" | "path" | "headers" | "query"> {
  const { values, positionals } = parsed(wordsOf(command));
  const place = values.url ?? positionals[0] ?? "";
  const url = URL.parse(place) ?? URL.parse(`http://${place}`);
  if (!url) throw new UsageError("The curl command has no URL.");
  if (!/^https?:$/.test(url.protocol)) throw new UsageError("The URL of the curl command is of no API: https or http.");
  if (positionals.length + (values.url === undefined ? 0 : 1) > 1) {
    throw new UsageError("The curl command has more than one URL: explain takes one request.");
  }
  if (values.request !== undefined && !/^[A-Z]{1,16}$/.test(values.request)) {
    throw new UsageError("The method of the curl command has capital letters alone.");
  }
  const { header = [], user, cookie, "oauth2-bearer": bearer, head } = values;
  const headers = new Map(header.flatMap(headerOf));
  if (user !== undefined) headers.set("Authorization", `Basic ${Buffer.from(user).toString("base64")}`);
  if (bearer !== undefined) headers.set("Authorization", `Bearer ${bearer}`);
  if (cookie) headers.set("Cookie", cookie.join("; "));
  const hasBody = Object.keys(values).some((name) => /^(data|form$|json$)/.test(name));
  return {
    method: values.request ?? (head ? "HEAD" : hasBody ? "POST" : "GET"),
    path: url.pathname.startsWith(`/${stage}/`) ? url.pathname.slice(stage.length + 1) : url.pathname,
    headers: Object.fromEntries(headers),
    query: Object.fromEntries(url.searchParams),
  };
}

function parsed(words: string[]) {
  if (words.shift() !== "curl") throw new UsageError("--curl takes a curl command: it begins with curl.");
  if (words.some((word) => /^([|;&]+|curl)$/.test(word))) {
    throw new UsageError("--curl takes one curl command, without others before or behind it.");
  }
  try {
    return parseArgs({ args: words, options: { ...OTHERS, ...REQUEST }, allowPositionals: true });
  } catch (error) {
    // The message may repeat a credential; of the words, only what looks like the name of an option is repeated.
    const [, name] = /^Unknown option '(-[A-Za-z]|--[a-z][a-z0-9.-]*)'/.exec((error as Error).message) ?? [];
    throw new UsageError(
      name === undefined
        ? "The curl command has an option without a value, or with one that it does not take."
        : `explain does not know curl's option ${name}: leave it out if it does not change the request.`,
    );
  }
}

function headerOf(line: string): [string, string][] {
  if (line.startsWith("@")) {
    throw new UsageError("explain cannot read @- or another file of headers: write each header in the command.");
  }
  const [, name, value] = /^([^:]+):[ \t]*(.*)$/s.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError("A header of the curl command has no colon: write it as NAME: VALUE.");
  }
  return [[name, value]];
}

/** Splits a command into words as a shell does, without expanding anything. */
function wordsOf(command: string): string[] {
  try {
    return split(command);
  } catch {
    throw new UsageError("The curl command ends inside a quotation or after a backslash.");
  }
}
