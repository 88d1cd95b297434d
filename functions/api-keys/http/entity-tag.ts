import { VersionConflict } from "../../../providers/api-key/management/key-table.ts";
import { type KeyRecord, versionOf } from "../../../providers/api-key/record.ts";
import type { ApiRequest } from "./api-request.ts";
import { invalid, ProblemError } from "./problem.ts";

/** The strong entity tag of a key: its version. */
export const tagOf = (record: KeyRecord): string => `"${versionOf(record)}"`;

/** What `If-Match` says of the version that a request changes (RFC 9110 section 13.1.1). */
export type Precondition = (record: KeyRecord) => void;

/**
 * The condition of a request on a key.
 *
 * @param isRequired whether a request without the header is refused
 */
export function preconditionOf(request: ApiRequest, isRequired: boolean): Precondition {
  const tags = matchedTags(request, isRequired, 'the ETag of a key, such as "3"');
  return (record) => {
    if (tags && !tags.includes(tagOf(record))) throw new VersionConflict(record.id, record);
  };
}

/**
 * The entity tags of `If-Match`: that of one version, or several of which one must match. `*` names no version. A weak
 * tag never matches a version, so that one is a mistake.
 *
 * @param isRequired whether a request without the header is refused
 * @param allowed what a tag looks like
 * @returns undefined without the header
 */
export function matchedTags(request: ApiRequest, isRequired: boolean, allowed: string): readonly string[] | undefined {
  const header = request.header("if-match");
  if (header === undefined && !isRequired) return undefined;
  if (header === undefined) {
    throw new ProblemError("version-required", "Send If-Match with the ETag of what you change, as you have read it.");
  }
  const isWeak = /(?:^|,)\s*W\//.test(header);
  if (isWeak || !/^\s*"[\x21\x23-\x7e]*"\s*(?:,\s*"[\x21\x23-\x7e]*"\s*)*$/.test(header)) {
    const found = isWeak ? "a weak entity tag" : "another text";
    throw invalid({ in: "header", field: "If-Match", found, allowed });
  }
  return header.split(",").map((tag) => tag.trim());
}
