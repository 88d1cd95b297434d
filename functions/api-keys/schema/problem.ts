import * as v from "valibot";
import { PROBLEMS } from "../http/problem.ts";
import { versionNumber } from "./key.ts";

const statuses = [...new Set(Object.values(PROBLEMS).map(([status]) => status))];

/** A problem (RFC 9457). */
export const problemSchema = v.strictObject({
  type: v.picklist(Object.keys(PROBLEMS).map((code) => `urn:sallyport:problem:${code}`)),
  title: v.string(),
  status: v.picklist(statuses),
  detail: v.string(),
  instance: v.string(),
  errors: v.optional(
    v.array(
      v.strictObject({
        in: v.picklist(["body", "query", "header"]),
        field: v.string(),
        found: v.string(),
        allowed: v.string(),
      }),
    ),
  ),
  current: v.optional(
    v.strictObject({
      version: versionNumber,
      by: v.optional(v.string()),
      at: v.optional(v.string()),
    }),
  ),
});
