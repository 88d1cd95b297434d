/** The quantile of a list, interpolated. @param share 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** Half the distance between the quartiles, in parts of the median: how far rounds lie apart. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / Math.abs(median(values));
}

/**
 * How fast something grows: 1 is linear, 0 not at all, 2 with the square.
 *
 * @param sizes and costs of two points, the first not zero
 */
export function growth([size, cost]: readonly [number, number], [larger, dearer]: readonly [number, number]): number {
  return Math.log(dearer / cost) / Math.log(larger / size);
}
