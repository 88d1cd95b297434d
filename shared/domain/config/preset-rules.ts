import {
  type JwtPreset,
  type PresetEntry,
  type PresetMistake,
  type PresetValues,
  TENANT_ID,
  type Written,
} from "./preset-types.ts";

/** What presets set, and what contradicts them. */
export interface PresetRules {
  readonly values: (preset: JwtPreset, entry: PresetEntry) => PresetValues;
  readonly mistakes: (entry: Written) => PresetMistake[];
}

let rules: PresetRules | undefined;

/**
 * Makes the presets known. They are data of many products, of which a configuration needs one or two, if any: an
 * authorizer without presets does not load them.
 */
export function usePresets(loaded: PresetRules): void {
  rules = loaded;
}

/** @throws {Error} if they are not loaded: an entry is never read without its preset */
export function presetRules(): PresetRules {
  if (!rules) throw new Error("the presets are not loaded");
  return rules;
}

/** Whether an entry has an option that only presets know. */
export const needsPresets = ({
  issuer,
  preset,
  tenantIds,
  trustDomain,
}: { readonly [Name in keyof Written]?: unknown }): boolean =>
  [preset, tenantIds, trustDomain].some((option) => option !== undefined) ||
  (typeof issuer === "string" && (issuer.includes(TENANT_ID) || issuer.startsWith("spiffe:")));
