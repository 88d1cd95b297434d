/** The quantile of a list, interpolated. @param share 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** Half the interquartile range relative to the median: the spread of the rounds. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / Math.abs(median(values));
}

/**
 * The exponent of a growth: 0 is constant, 1 linear, 2 quadratic.
 *
 * @param sizes and costs of two points; the first must not be zero
 */
export function growth([size, cost]: readonly [number, number], [larger, dearer]: readonly [number, number]): number {
  return Math.log(dearer / cost) / Math.log(larger / size);
}
