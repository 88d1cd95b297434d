/**
 * Patterns of texts in claims and attributes. `*` stands for any characters, also none, but for `/` and `:`, which
 * issuers put between the parts of a name: a value that somebody may choose, such as the name of a branch, cannot
 * reach into the next part. Every other character stands for itself, and the pattern is for the whole text.
 *
 * They are not the patterns of paths, where `*` crosses `/` as in IAM (`shared/domain/resource/pattern.ts`).
 *
 * @example matchesText("repo:acme/*:ref:refs/heads/main", "repo:acme/app:ref:refs/heads/main") === true
 */
export function matchesText(pattern: string, text: string): boolean {
  // Both have the same delimiters in the same order, so that each part has one counterpart.
  const [parts, found] = [pattern.split(DELIMITER), text.split(DELIMITER)];
  return parts.length === found.length && parts.every((part, index) => matchesPart(part, found[index] ?? ""));
}

/** The group makes `split` return the delimiters too. */
const DELIMITER = /([/:])/;

/** Leftmost matches are enough between the two ends: what is left of them only grows. */
function matchesPart(pattern: string, text: string): boolean {
  const [first = "", ...middle] = pattern.split("*");
  const last = middle.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const literal of middle) {
    const at = text.indexOf(literal, from);
    if (at < 0 || at + literal.length > end) return false;
    from = at + literal.length;
  }
  return true;
}
