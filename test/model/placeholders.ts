import type { ModelPrincipal } from "./types.ts";

/** The value of a placeholder for one principal, usable or not; undefined if the principal has none. */
export function ownValue(name: string, principal: ModelPrincipal): string | undefined {
  if (name === "subject") return principal.subject;
  if (name === "client") return principal.kind === "client" ? principal.subject : undefined;
  if (name === "tenant") return principal.tenant;
  const attribute = name.slice("attributes.".length);
  return Object.hasOwn(principal.attributes, attribute) ? String(principal.attributes[attribute]) : undefined;
}

/**
 * One whole path segment of 1 to 128 letters, digits and `._~:@!,=+-`, without a dot at its ends and without two in a
 * row.
 */
export function isUsable(value: string): boolean {
  const dotted = value.startsWith(".") || value.endsWith(".") || value.includes("..");
  return /^[A-Za-z0-9._~:@!,=+-]{1,128}$/.test(value) && !dotted;
}

/**
 * A path with its placeholders filled, in every combination of the values that each may have.
 *
 * @param valuesOf the possible values of a placeholder; without any, there is no path
 */
export function fill(path: string, valuesOf: (name: string) => readonly string[]): string[] {
  const [whole, name] = /\{([^}]+)\}/.exec(path) ?? [];
  if (whole === undefined || name === undefined) return [path];
  return valuesOf(name).flatMap((value) =>
    fill(
      path.replace(whole, () => value),
      valuesOf,
    ),
  );
}

/** In an allowing rule: the value, if it is usable. */
export function allowedValues(name: string, ordered: readonly ModelPrincipal[]): string[] {
  const [first] = ordered.flatMap((principal) => ownValue(name, principal) ?? []);
  return first !== undefined && isUsable(first) ? [first] : [];
}

/** In a denying rule: the value of every principal; `*` where one of them has none, or none that is usable. */
export function deniedValues(name: string, principals: readonly ModelPrincipal[]): string[] {
  const values = principals.map((principal) => ownValue(name, principal));
  const usable = values.flatMap((value) => (value !== undefined && isUsable(value) ? [value] : []));
  return usable.length === values.length ? [...new Set(usable)] : ["*"];
}
