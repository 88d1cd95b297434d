import type { VersionOptions } from "../../../providers/entitlements/management/change.ts";
import type { ApiRequest } from "../http/api-request.ts";
import { matchedTags } from "../http/entity-tag.ts";
import { invalid, ProblemError } from "../http/problem.ts";
import { mistakeIn } from "../schema/checked.ts";
import { recordTag } from "./shown-record.ts";

const A_TAG = 'the ETag of a record, such as "3.n4bQgYhMfWW"';

/** The version that a request changes, by its `If-Match`. */
export function whatMatches(request: ApiRequest, isRequired: boolean): VersionOptions {
  const tags = matchedTags(request, isRequired, A_TAG);
  return tags
    ? { isExpected: (before) => before !== undefined && tags.includes(recordTag(before)), isRepeated: false }
    : {};
}

/** The same, or by `If-None-Match: *` that there is no record. One of both is required. */
export function newOrMatched(request: ApiRequest): VersionOptions {
  const none = request.header("if-none-match");
  if (none === undefined && request.header("if-match") === undefined) {
    const detail =
      "Send If-Match with the ETag of the record as you have read it, or If-None-Match: * if there is none.";
    throw new ProblemError("version-required", detail);
  }
  if (none === undefined) return whatMatches(request, true);
  const isAlone = request.header("if-match") === undefined;
  if (isAlone && none.trim() === "*") return { expected: 0 };
  throw invalid(mistakeIn("header", "If-None-Match", none, isAlone ? "*" : "one of If-Match and If-None-Match"));
}
