/**
 * The text without any of the given characters at its edges. `trim` would take all white space of Unicode off, such as
 * U+00A0 and U+FEFF, which most formats count as a part of the value.
 *
 * @example withoutEdges("\t a b\u00a0 ", " \t") === "a b\u00a0"
 */
export function withoutEdges(text: string, characters: string): string {
  let [start, end] = [0, text.length];
  while (start < end && characters.includes(text.charAt(start))) start++;
  while (end > start && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
