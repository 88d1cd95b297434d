import type { Limits } from "./condition.ts";

/** VPC endpoints, or all others and none, for which the same rules count. */
export interface EndpointCell {
  readonly limits: Pick<Limits, "endpoints" | "otherThan">;
  /** Whether a rule that is limited to these endpoints counts here. */
  counts(endpoints: readonly string[] | undefined): boolean;
}

/**
 * Parts the VPC endpoints by the rules that are limited to them: those that the same rules name are one cell, and what
 * no rule names, with requests through no endpoint, is another.
 *
 * @param lists one list of endpoints for each rule
 */
export function endpointCells(lists: readonly (readonly string[])[]): EndpointCell[] {
  if (lists.length === 0) return [{ limits: {}, counts: () => true }];
  const all = [...new Set(lists.flat())];
  const byRules = Map.groupBy(all, (endpoint) => lists.map((list) => Number(list.includes(endpoint))).join(""));
  return [
    { limits: { otherThan: all }, counts: (list) => !list },
    ...[...byRules.values()].map((endpoints): EndpointCell => {
      const [first = ""] = endpoints;
      return { limits: { endpoints }, counts: (list) => !list || list.includes(first) };
    }),
  ];
}
