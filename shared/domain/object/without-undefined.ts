/** Names of the members that may be undefined. */
type MaybeUndefined<T> = { [Name in keyof T]-?: undefined extends T[Name] ? Name : never }[keyof T];

/** The same members, but those that may be undefined are optional: present with a value, or absent. */
export type WithoutUndefined<T> = {
  [Name in Exclude<keyof T, MaybeUndefined<T>>]: T[Name];
} & {
  [Name in MaybeUndefined<T>]?: Exclude<T[Name], undefined>;
};

/**
 * A copy of an object literal without the members that are undefined: a type with optional members has no members that are there and undefined
 * (`exactOptionalPropertyTypes`), and neither has JSON.
 *
 * @example withoutUndefined({ name: "a", tenant: undefined }) // { name: "a" }
 */
export function withoutUndefined<const T extends object>(members: T): WithoutUndefined<T> {
  const present: Partial<T> = {};
  for (const name in members) if (members[name] !== undefined) present[name] = members[name];
  return present as WithoutUndefined<T>;
}
