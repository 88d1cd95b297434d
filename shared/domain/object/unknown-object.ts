/** An object of which nothing is known yet: its members are checked before they are believed. */
export type UnknownObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object with members. Neither null nor a list is one. */
export function isObject(value: unknown): value is UnknownObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value itself if it is an object, or else an object without members, so that a member can be looked for in whatever was sent.
 *
 * @example const { authorizer } = objectOf(objectOf(event).requestContext);
 */
export function objectOf(value: unknown): UnknownObject {
  return isObject(value) ? value : {};
}
