import type * as v from "valibot";
import { allowedOf } from "../../shared/domain/config/allowed.ts";
import { shownPath } from "../../shared/domain/config/mistakes.ts";
import { foundText } from "../keys/option-values.ts";

/** A line that cannot be taken: the field, what was found, and what is allowed. It repeats no secret. */
export class LineError extends Error {
  override readonly name = "LineError";
  readonly field: string;
  constructor(field: string, found: string, allowed: string) {
    super(`${field}: found ${found}, allowed is ${allowed}`);
    this.field = field;
  }
}

/** The error of a value that its schema does not allow. */
export function lineErrorOf(issue: v.BaseIssue<unknown>): LineError {
  const path = shownPath((issue.path ?? []).map(({ key }) => key)) || "the record";
  const isUnknown = issue.type === "strict_object" && issue.expected === "never";
  return new LineError(path, isUnknown ? "an unknown name" : foundText(issue.input), allowedOf(issue));
}

/** The JSON of a line. @throws {LineError} */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new LineError("the line", `a text of ${line.length} characters`, "JSON");
  }
}

/** A value as a line. */
export const lineOf = (value: object): string => `${JSON.stringify(value)}\n`;
