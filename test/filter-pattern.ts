/**
 * Whether a log event matches a filter pattern of CloudWatch Logs, as far as our template uses them: quoted phrases, case and all, of which every one must be in the text, or with a
 * question mark any (CloudWatch Logs user guide, "Filter pattern syntax", matching terms in unstructured log events).
 *
 * @throws {Error} for a pattern of another form, or one that mixes both: CloudWatch ignores the question marks then
 */
export function matchesFilter(pattern: string, text: string): boolean {
  if (!/^\??"[^"]+"( \??"[^"]+")*$/.test(pattern)) throw new Error(`The pattern ${pattern} is none of quoted phrases.`);
  const terms = [...pattern.matchAll(/(\??)"([^"]+)"/g)].map(([, mark, phrase = ""]) => ({
    any: mark === "?",
    phrase,
  }));
  if (new Set(terms.map(({ any }) => any)).size > 1) throw new Error(`The pattern ${pattern} mixes ? and phrases.`);
  return terms[0]?.any
    ? terms.some(({ phrase }) => text.includes(phrase))
    : terms.every(({ phrase }) => text.includes(phrase));
}
