const compiled = new Map<string, RegExp>();

/** Whether a text matches a pattern. `*` stands for any characters, also none and `/`. All else must be equal. */
export function matches(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    const literal = pattern.split(/\*+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    expression = new RegExp(`^${literal.join("[^]*")}$`);
    // A long run has many configurations; patterns of earlier ones are not needed.
    if (compiled.size > 20_000) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/** Whether some text matches both patterns. */
export function overlap(left: string, right: string): boolean {
  // Without a star on either side, only equal texts overlap.
  if (left === "" && right === "") return true;
  if (left.startsWith("*")) {
    // Either the star matches nothing more, or it matches the other pattern's next character, which may be a star.
    return overlap(left.slice(1), right) || (right !== "" && overlap(left, right.slice(1)));
  }
  if (right.startsWith("*")) return overlap(right, left);
  return left !== "" && left[0] === right[0] && overlap(left.slice(1), right.slice(1));
}
