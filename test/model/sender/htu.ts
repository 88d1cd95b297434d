import type { Change } from "./attempt.ts";

/** What a client writes into `htu` for a path that it calls, right or wrong. */
export function htuOf(change: Change, path: string): unknown {
  const origin = "https://api.example.com";
  const url = `${origin}${path}`;
  const first = path.search(/[A-Za-z]/);
  const encoded = (code: (character: number) => string) =>
    first < 0 ? url : `${origin}${path.slice(0, first)}${code(path.charCodeAt(first))}${path.slice(first + 1)}`;
  const hex = (character: number) => character.toString(16);
  const last = path.lastIndexOf("/");
  const [head, tail] = [path.slice(0, last), path.slice(last)];
  const changed: Record<Change, unknown> = {
    same: url,
    upper: `HTTPS://API.Example.COM${path}`,
    port: `${origin}:443${path}`,
    "empty-port": `${origin}:${path}`,
    "other-port": `${origin}:444${path}`,
    query: `${url}?x=1`,
    fragment: `${url}#y`,
    "query-dots": `${url}?/../b`,
    encode: encoded((character) => `%${hex(character).toUpperCase()}`),
    "encode-lower": encoded((character) => `%${hex(character)}`),
    "twice-encoded": encoded((character) => `%25${hex(character)}`),
    dot: `${origin}${head}/.${tail}`,
    dots: `${origin}${head}/x/..${tail}`,
    "encoded-dots": `${origin}${head}/x/%2e%2E${tail}`,
    "last-dots": `${url}/x/..`,
    "hex-case": url.replace(/%../g, (code) => (code === code.toUpperCase() ? code.toLowerCase() : code.toUpperCase())),
    decoded: `${origin}${decodeURIComponent(path)}`,
    "second-origin": `https://api.example.com:8443${path}`,
    "not-listed": `https://other.example.com${path}`,
    slash: `${url}/`,
    case: `${origin}${path.toUpperCase()}`,
    double: `${origin}${head}/${tail}`,
    user: `https://api.example.com@evil.example${path}`,
    suffix: `${origin}.evil.example${path}`,
    http: `http://api.example.com${path}`,
    space: `${url} `,
    tab: `${origin}${head}\t${tail}`,
    backslash: `${origin}${head}\\${tail.slice(1)}`,
    "trailing-dot": `https://api.example.com.${path}`,
    "encoded-slash": `${origin}${head}%2F${tail.slice(1)}`,
    semicolon: `${url};`,
    "text-before": `x ${url}`,
    relative: path,
    empty: "",
    number: 1,
    null: null,
    missing: undefined,
  };
  return changed[change];
}
