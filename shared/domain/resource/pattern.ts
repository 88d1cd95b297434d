/**
 * Resource patterns of IAM: `*` matches any characters, `/` included, and `?` matches one character (IAM user guide,
 * "IAM JSON policy elements: Resource").
 */

/**
 * Whether a value matches a pattern. The time is linear in the value for each `*`, unlike that of a regular
 * expression.
 */
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

/** Whether `outer` matches every value that `inner` matches. Exact for patterns without `?`; rules have none. */
export function coversPattern(outer: string, inner: string): boolean {
  return matchesPattern(outer, inner);
}

/** Whether some value matches both patterns. Exact for patterns without `?`; rules have none. */
export function overlaps(left: string, right: string): boolean {
  if (!left.includes("*")) return matchesPattern(right, left);
  if (!right.includes("*")) return matchesPattern(left, right);
  // If both have a wildcard, a common value exists if their literal prefixes and their literal suffixes agree.
  return (
    agree(left, right, (pattern) => pattern.slice(0, pattern.indexOf("*")), "startsWith") &&
    agree(left, right, (pattern) => pattern.slice(pattern.lastIndexOf("*") + 1), "endsWith")
  );
}

function agree(
  left: string,
  right: string,
  literal: (pattern: string) => string,
  compare: "startsWith" | "endsWith",
): boolean {
  const [one, other] = [literal(left), literal(right)];
  return one[compare](other) || other[compare](one);
}

/** The patterns that no other pattern of the list covers, without duplicates. */
export function withoutCovered(patterns: readonly string[]): string[] {
  const unique = [...new Set(patterns)];
  const wildcards = unique.filter((pattern) => pattern.includes("*"));
  if (wildcards.length === 0) return unique;
  return unique.filter((pattern) => !wildcards.some((other) => other !== pattern && coversPattern(other, pattern)));
}
