/**
 * Patterns of resources as IAM compares them: `*` is any run of characters, `/` included, and `?` one character
 * (IAM user guide, "IAM JSON policy elements: Resource").
 */

/** Whether a value matches a pattern. Linear in the value for each `*`: no regular expression, so no backtracking to be had. */
export function matchesPattern(pattern: string, value: string): boolean {
  let p = 0;
  let v = 0;
  let star = -1;
  let resume = 0;
  while (v < value.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = v;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === value[v])) {
      p++;
      v++;
    } else if (star >= 0) {
      p = star + 1;
      v = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Whether everything that `inner` matches is matched by `outer`. Exact for patterns without `?`, which ours are. */
export function coversPattern(outer: string, inner: string): boolean {
  return matchesPattern(outer, inner);
}

/** Whether two patterns may match a common value. Errs on the side of yes. */
export function mayOverlap(left: string, right: string): boolean {
  const a = literalStart(left);
  const b = literalStart(right);
  if (a === left && b === right) return left === right;
  return a.startsWith(b) || b.startsWith(a);
}

/** Only the patterns that no other pattern of the list covers, each once. */
export function withoutCovered(patterns: readonly string[]): string[] {
  const unique = [...new Set(patterns)];
  return unique.filter((pattern) => !unique.some((other) => other !== pattern && coversPattern(other, pattern)));
}

function literalStart(pattern: string): string {
  return pattern.slice(0, pattern.search(/[*?]|$/));
}
