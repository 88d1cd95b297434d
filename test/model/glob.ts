const compiled = new Map<string, RegExp>();

/** Whether a text matches a pattern in which `*` stands for any characters, none and `/` included. Letter by letter otherwise. */
export function matches(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    const literal = pattern.split(/\*+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    expression = new RegExp(`^${literal.join("[^]*")}$`);
    // Seeds run for long; the patterns of configurations that are gone are of no use.
    if (compiled.size > 20_000) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/** Whether some text matches both patterns. */
export function overlap(left: string, right: string): boolean {
  // Without a star on either side only the same letters overlap.
  if (left === "" && right === "") return true;
  if (left.startsWith("*")) {
    // The star stands for nothing more, or swallows the other's next character (a star of the other may be swallowed whole).
    return overlap(left.slice(1), right) || (right !== "" && overlap(left, right.slice(1)));
  }
  if (right.startsWith("*")) return overlap(right, left);
  return left !== "" && left[0] === right[0] && overlap(left.slice(1), right.slice(1));
}
