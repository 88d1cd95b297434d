/**
 * When a proof's `htu` names the called URL, by docs/sender-constrained-tokens.md and RFC 3986 section 6.2. Written on
 * texts: the URL class does more than the page says.
 */

interface Uri {
  readonly origin: string;
  readonly path: string;
}

const PORTS: Readonly<Record<string, string>> = { https: "443", http: "80" };

/** Undefined: it is no absolute URI. */
function uriOf(text: string): Uri | undefined {
  if (!/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/.test(text) || /%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const [, scheme = "", authority = "", path = ""] = /^([A-Za-z]+):\/\/([^/?#]*)([^?#]*)/.exec(text) ?? [];
  if (scheme === "" || authority === "") return undefined;
  const [, host = "", port] = /^(.*?)(?::(\d*))?$/.exec(authority) ?? [];
  const name = scheme.toLowerCase();
  // A colon without a port is no default port.
  const shown = port === undefined || port === PORTS[name] ? "" : `:${port}`;
  return { origin: `${name}://${host.toLowerCase()}${shown}`, path: withoutDots(plainly(path)) };
}

/** Percent-encoded unreserved characters as they are, and other codes in capital letters. */
function plainly(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (code, digits) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : code.toUpperCase();
  });
}

const isDots = (segment: string) => segment === "." || segment === "..";

/** RFC 3986 section 5.2.4. */
function withoutDots(path: string): string {
  const segments = path.split("/").slice(1);
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  if (isDots(segments.at(-1) ?? "")) kept.push("");
  return `/${kept.join("/")}`;
}

/** A path of an event in which nobody can tell how the client wrote it. */
export function isUnclear(path: string, isDecoded: boolean): boolean {
  if (plainly(path).split("/").some(isDots)) return true;
  return isDecoded && !/^[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/.test(path);
}

export function names(htu: string, origins: readonly string[], path: string): boolean {
  const found = uriOf(htu);
  return found !== undefined && found.path === plainly(path) && origins.some((o) => uriOf(o)?.origin === found.origin);
}
