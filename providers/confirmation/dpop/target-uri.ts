/**
 * URIs in the one spelling that RFC 3986 gives them: syntax-based normalization (section 6.2.2) and scheme-based
 * normalization (6.2.3), as RFC 9449 section 4.3 wants for the comparison of `htu`. The WHATWG's `URL` would not do: it
 * takes backslashes for slashes and leaves out tabs and line breaks.
 */

/** `http` or `https`, host and port, path; query and fragment are left out. User information fits nowhere. */
const HTTP_URI = /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/[^?#]*)?(?:[?#].*)?$/is;

/** Characters of a path (RFC 3986 section 3.3), and encoded ones. */
const PATH = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: "80", https: "443" };

/**
 * An http or https URI without query and fragment, normalized.
 *
 * @returns undefined for a text that is no such URI, or that has user information
 */
export function normalizedUri(text: string): string | undefined {
  const [, scheme = "", host, port, path = "/"] = HTTP_URI.exec(text) ?? [];
  const normalized = normalizedPath(path);
  if (host === undefined || normalized === undefined) return undefined;
  const protocol = scheme.toLowerCase();
  // Leading zeros of a port are no part of its number.
  const shown = port === undefined || Number(port) === Number(DEFAULT_PORTS[protocol]) ? "" : `:${Number(port)}`;
  return `${protocol}://${host.toLowerCase()}${shown}${withoutDots(normalized)}`;
}

/**
 * The path of a request, normalized.
 *
 * @param isDecoded it was decoded on the way, so that it must not need any encoding
 * @returns undefined if it is not certain which path the URL had: one that no URI can have, one that may have been
 *   encoded in several ways, and one with `.` or `..`, which clients resolve before they send it
 */
export function requestedPath(path: string, isDecoded: boolean): string | undefined {
  if (!path.startsWith("/") || (isDecoded && path.includes("%"))) return undefined;
  const normalized = normalizedPath(path);
  return normalized !== undefined && withoutDots(normalized) === normalized ? normalized : undefined;
}

/** Encoded octets in capital letters, and unreserved characters not encoded. */
function normalizedPath(path: string): string | undefined {
  if (!PATH.test(path)) return undefined;
  return path.replace(/%[0-9A-Fa-f]{2}/g, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : octet.toUpperCase();
  });
}

/** Removes dot segments (RFC 3986 section 5.2.4) from a path that begins with a slash. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/").slice(1);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    // What stood before a dot segment at the end was a folder.
    if (isLast && (segment === "." || segment === "..")) kept.push("");
  }
  return `/${kept.join("/")}`;
}
