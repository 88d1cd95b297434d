import { shownTime, shownTimeFrom } from "../shown-time.ts";
import { shownList, shownValue } from "../shown-value.ts";

/** One thing that was checked of a rejected credential: texts for people, in which secrets are masked. */
export interface Expectation {
  /** What was looked at: a claim, a header, an element, an option. */
  readonly of: string;
  readonly expected: string;
  readonly found: string;
  /** What is probably meant, or what to look at. */
  readonly hint?: string;
}

/** @param found as it stands in the credential */
export function expectation(of: string, expected: string, found: unknown, hint?: string): Expectation {
  return { of, expected, found: shownValue(found), ...(hint !== undefined && { hint }) };
}

/** An instant that must be later than the time of the request. */
export function expectedEnd(of: string, end: number, time: number): Expectation {
  return { of, expected: `later than ${shownTime(time)}, the time of the request`, found: shownTimeFrom(end, time) };
}

/** An instant that must not be later than the time of the request, but for the clock tolerance. */
export function expectedStart(of: string, start: number, time: number, clockTolerance: number): Expectation {
  const latest = `${shownTime(time + clockTolerance)}, the time of the request and ${clockTolerance} s of clockTolerance`;
  return { of, expected: `at the latest ${latest}`, found: shownTimeFrom(start, time) };
}

/** @example anyOf(["a", "b"]) === 'one of "a", "b"' */
export const anyOf = (values: readonly unknown[]): string =>
  values.length === 1 ? shownValue(values[0]) : `one of ${shownList(values)}`;

/** A text that is longer than it may be. */
export const lengthExpectation = (text: string, maxLength: number): Expectation => ({
  of: "length",
  expected: `at most ${maxLength} characters (maxLength)`,
  found: `${text.length} characters`,
});
