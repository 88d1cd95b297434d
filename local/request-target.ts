/**
 * Reads the target of a request's first line (RFC 9112 section 3.2). It never throws: any client may send any text.
 *
 * A path that begins with `//` is a path, and not another host, as it would be for `new URL(target, base)`. The absolute
 * form of a proxy's client counts by its path and query. `*` and what cannot be read count as `/`.
 */
export function readTarget(target = "/"): URL {
  if (target.startsWith("/")) return new URL(`http://localhost${target}`);
  const absolute = URL.parse(target);
  return absolute && /^https?:$/.test(absolute.protocol) ? absolute : new URL("http://localhost/");
}
