import { type IntrospectionConfig, isForOpaqueTokens } from "./introspection.ts";
import { presetRules } from "./preset-rules.ts";
import type { ClaimMapping, JwtPreset, PresetValues } from "./preset-types.ts";
import type { RequiredClaims } from "./required-claims.ts";

/** Options of an issuer for which a preset may have values. */
interface Written {
  readonly issuer: string;
  readonly preset?: JwtPreset | undefined;
  readonly audience?: readonly string[] | undefined;
  readonly algorithms?: readonly string[] | undefined;
  readonly keys?: unknown;
  readonly types?: readonly string[] | undefined;
  readonly kind?: "auto" | "user" | "client" | undefined;
  readonly claims: { readonly [Name in keyof ClaimMapping]?: ClaimMapping[Name] | undefined };
  readonly requiredClaims: RequiredClaims;
  readonly trustDomain?: string | undefined;
  readonly introspection?: IntrospectionConfig | undefined;
}

/** The same, as every issuer has them. */
type Resolved<Entry extends Written> = Omit<Entry, Replaced> & {
  readonly algorithms: NonNullable<Entry["algorithms"]>;
  readonly kind: NonNullable<Entry["kind"]>;
  readonly claims: ClaimMapping;
  readonly requiredClaims: RequiredClaims;
};
type Replaced = "algorithms" | "kind" | "claims" | "requiredClaims";

/** The claims of an issuer without a preset. */
const WITHOUT_PRESET = {
  subject: "sub",
  scopes: ["scope", "scp"],
  roles: [],
  client: ["client_id", "azp", "cid"],
  attributes: {},
} as const satisfies ClaimMapping;

/** An entry with the values of its preset, or else the defaults, in the options that it leaves out. */
export function resolveIssuer<Entry extends Written>(entry: Entry): Resolved<Entry> {
  const preset: PresetValues = entry.preset ? presetRules().values(entry.preset, entry) : {};
  const types = entry.types ?? preset.types;
  const trustDomain =
    entry.trustDomain ?? (entry.preset === "spiffe" ? entry.issuer.slice("spiffe://".length) : undefined);
  return {
    ...entry,
    algorithms: entry.algorithms ?? preset.algorithms ?? ["RS256"],
    // An entry for opaque tokens accepts JWTs only if it says by which keys.
    keys: entry.keys ?? (isForOpaqueTokens(entry) ? undefined : (preset.keys ?? { discovery: true })),
    kind: entry.kind ?? preset.kind ?? "auto",
    claims: mappingOf(entry.claims, preset.claims),
    requiredClaims: { ...preset.requiredClaims, ...entry.requiredClaims },
    ...(types && { types }),
    ...(trustDomain !== undefined && { trustDomain }),
  } as Resolved<Entry>;
}

/** `attributes` are merged name by name. */
function mappingOf(own: Written["claims"], preset: Partial<ClaimMapping> = {}): ClaimMapping {
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const attributes = { ...preset.attributes, ...own.attributes };
  return { ...WITHOUT_PRESET, ...preset, ...set, attributes };
}
