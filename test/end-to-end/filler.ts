/**
 * Attributes of a key that make an answer longer by as many characters as they hold: as many names for each length,
 * of texts that a key may be issued with.
 */
export function filler(length: number): Record<string, string> {
  const names = Array.from({ length: 16 }, (_, index) => `filler${index}`);
  return Object.fromEntries(
    names.map((name, index) => [name, "x".repeat(Math.min(Math.max(length - index * 1024, 0), 1024))]),
  );
}
