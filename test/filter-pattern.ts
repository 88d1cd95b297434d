/**
 * Whether a log event matches a filter pattern of CloudWatch Logs. Only the patterns of template.yaml are supported:
 * quoted, case-sensitive phrases. The text must contain all of them or, if they have question marks, one of them
 * (CloudWatch Logs user guide, "Filter pattern syntax", matching terms in unstructured log events).
 *
 * @throws {Error} for another pattern, and for a mixture: CloudWatch then ignores the phrases with question marks
 */
export function matchesFilter(pattern: string, text: string): boolean {
  if (!/^\??"[^"]+"( \??"[^"]+")*$/.test(pattern))
    throw new Error(`The pattern ${pattern} does not consist of quoted phrases.`);
  const terms = [...pattern.matchAll(/(\??)"([^"]+)"/g)].map(([, mark, phrase = ""]) => ({
    any: mark === "?",
    phrase,
  }));
  if (new Set(terms.map(({ any }) => any)).size > 1) throw new Error(`The pattern ${pattern} mixes ? and phrases.`);
  return terms[0]?.any
    ? terms.some(({ phrase }) => text.includes(phrase))
    : terms.every(({ phrase }) => text.includes(phrase));
}
