import type * as v from "valibot";
import { isObject, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { isHiddenName } from "../../../shared/domain/principal/context-keys.ts";
import { checked, mistakeIn, shown } from "../schema/checked.ts";
import type { ApiRequest } from "./api-request.ts";
import { invalid, ProblemError } from "./problem.ts";

/** Bytes of a body. The largest valid one, with all texts at their limits, is smaller. */
const MAX_BODY = 65_536;

export const JSON_TYPE = "application/json";
/** RFC 7396. */
export const MERGE_PATCH = "application/merge-patch+json";

/**
 * Reads a body with a JSON object.
 *
 * @throws {ProblemError} for another media type, a body that is too large, or one that is no JSON object
 */
export function readObject(request: ApiRequest, mediaType: string): UnknownObject {
  const { body } = request;
  if (body.length > MAX_BODY) {
    throw new ProblemError("body-too-large", `A body has at most ${MAX_BODY} bytes.`);
  }
  const [given = ""] = (request.header("content-type") ?? "").split(";");
  if (given.trim().toLowerCase() !== mediaType) {
    const headers = mediaType === MERGE_PATCH ? { "Accept-Patch": mediaType } : {};
    throw new ProblemError("media-type", `This request takes ${mediaType}.`, { headers });
  }
  const value = parsed(body);
  if (!isObject(value)) throw invalid(mistakeIn("body", "", value, "a JSON object"));
  demandPlainNames(value);
  return value;
}

/** Reads a body that may be left out, and checks it. */
export function readOptional<Schema extends v.GenericSchema>(
  request: ApiRequest,
  schema: Schema,
): v.InferOutput<Schema> {
  return checked(schema, request.body.length === 0 ? {} : readObject(request, JSON_TYPE));
}

/** Reads a body of JSON, and checks it. */
export function readRequired<Schema extends v.GenericSchema>(
  request: ApiRequest,
  schema: Schema,
): v.InferOutput<Schema> {
  return checked(schema, readObject(request, JSON_TYPE));
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw invalid({ in: "body", field: "", found: "text that is no JSON in UTF-8", allowed: "a JSON object" });
  }
}

/** The schemas pass over names that every object has, as if they were not there. */
function demandPlainNames(value: UnknownObject, pointer = ""): void {
  for (const [name, member] of Object.entries(value)) {
    if (isHiddenName(name)) {
      throw invalid({
        in: "body",
        field: shown(`${pointer}/${name}`),
        found: "a name that every object has",
        allowed: "others",
      });
    }
    if (pointer === "" && isObject(member)) demandPlainNames(member, `/${name}`);
  }
}
