import type { ClaimPath } from "../../shared/domain/config/common.ts";
import { isObject } from "../../shared/domain/object/unknown-object.ts";
import type { Claims } from "./compact.ts";

/** A claim by its name, or by a path into nested objects: own members only, so that no name reaches a prototype. */
export function readClaim(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of [path].flat()) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value ?? undefined;
}
