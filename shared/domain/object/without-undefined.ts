/** Names of the members whose type includes undefined. */
type MaybeUndefined<T> = { [Name in keyof T]-?: undefined extends T[Name] ? Name : never }[keyof T];

/** The same members; those whose type includes undefined become optional. */
export type WithoutUndefined<T> = {
  [Name in Exclude<keyof T, MaybeUndefined<T>>]: T[Name];
} & {
  [Name in MaybeUndefined<T>]?: Exclude<T[Name], undefined>;
};

/**
 * A copy of an object without the members that are undefined. With `exactOptionalPropertyTypes` an optional member
 * may be absent but not undefined.
 *
 * @example withoutUndefined({ name: "a", tenant: undefined }) // { name: "a" }
 */
export function withoutUndefined<const T extends object>(members: T): WithoutUndefined<T> {
  const present: Partial<T> = {};
  for (const name in members) if (members[name] !== undefined) present[name] = members[name];
  return present as WithoutUndefined<T>;
}
