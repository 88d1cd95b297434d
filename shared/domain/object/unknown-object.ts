/** An object whose members have not been checked yet. */
export type UnknownObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object, and neither null nor an array. */
export function isObject(value: unknown): value is UnknownObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value itself if it is an object, or else an empty object. It makes it possible to read a nested member of any
 * value.
 *
 * @example const { authorizer } = objectOf(objectOf(event).requestContext);
 */
export function objectOf(value: unknown): UnknownObject {
  return isObject(value) ? value : {};
}
