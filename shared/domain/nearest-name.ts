/** The name nearest to a text, if at most a third of its letters differ. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  const same = names.find((name) => name.toLowerCase() === text.toLowerCase());
  if (same !== undefined) return same;
  const [nearest] = names
    .map((name) => ({ name, distance: editDistance(text.slice(0, 40), name) }))
    .filter(({ name, distance }) => distance <= name.length / 3)
    .sort((one, other) => one.distance - other.distance);
  return nearest?.name;
}

/**
 * The number of letters to insert, delete, replace or exchange with the next to turn one text into the other (optimal
 * string alignment distance).
 */
function editDistance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let index = 0; index < one.length; index++) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const changed = (row[column - 1] ?? 0) + (one[index] === other[column - 1] ? 0 : 1);
      const isExchange = index > 0 && one[index] === other[column - 2] && one[index - 1] === other[column - 1];
      const exchanged = isExchange ? (before[column - 2] ?? 0) + 1 : changed;
      next.push(Math.min(changed, exchanged, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
