import { type JwtPreset, type PresetMistake, TENANT_ID, type Written } from "./preset-types.ts";

/** How the issuers of a product are written: a token has exactly this text. */
const ISSUERS: Partial<Record<JwtPreset, { readonly form: RegExp; readonly allowed: string }>> = {
  // https://auth0.com/docs/secure/tokens/access-tokens/validate-access-tokens
  auth0: { form: /\/$/, allowed: "Auth0's issuer, which has a '/' at its end: https://TENANT.eu.auth0.com/" },
  cognito: { form: /[^/]$/, allowed: "Cognito's issuer, which has no '/' at its end" },
  // https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
  "entra-v1": {
    form: /\/(?!common\/|organizations\/|consumers\/)[^/]+\/$/,
    allowed: "an issuer of v1.0 tokens, with the id of the tenant and a '/' at its end: https://sts.windows.net/ID/",
  },
  "entra-v2": {
    form: /\/(?!common\/|organizations\/|consumers\/)[^/]+\/v2\.0$/,
    allowed: "an issuer of v2.0 tokens, with the id of the tenant: https://login.microsoftonline.com/ID/v2.0",
  },
  // https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md: a trust domain has lower-case letters.
  spiffe: {
    form: /^spiffe:\/\/[a-z0-9._-]{1,255}$|^https?:/,
    allowed: "spiffe://TRUST-DOMAIN, for tokens without `iss`; or the `iss` of the tokens, with `trustDomain`",
  },
};

/**
 * Products where whoever can get a token chooses its audience, or where tokens for every other party have the same
 * issuer: without the audience, a token that was made for another service opens this one.
 */
const FOR_ANYBODY: readonly JwtPreset[] = ["google", "github-actions", "gitlab", "aws-sts", "kubernetes", "spiffe"];

/** What contradicts the preset of an entry, or is missing beside it. */
export function presetMistakes(entry: Written): PresetMistake[] {
  const { issuer, preset } = entry;
  const isEntra = preset === "entra-v1" || preset === "entra-v2";
  const isTemplate = issuer.includes(TENANT_ID);
  const form = preset && ISSUERS[preset];
  const isUnnamed = preset === "spiffe" && issuer.startsWith("spiffe:");
  return [
    ...when(form && !form.form.test(issuer), "issuer", form?.allowed),
    ...when(
      preset && FOR_ANYBODY.includes(preset) && entry.audience === undefined,
      "audience",
      `the audience of this API: tokens of ${preset} are made for many others too`,
    ),
    ...when(
      preset === "cognito" && entry.audience === undefined && entry.clientIds === undefined,
      "clientIds",
      "the ids of the app clients: access tokens of Cognito have no audience",
    ),
    ...when(isTemplate && !isEntra, "preset", `entra-v1 or entra-v2, for an issuer with ${TENANT_ID}`),
    ...when(
      isEntra && isTemplate !== (entry.tenantIds !== undefined),
      "tenantIds",
      `the ids of the accepted tenants, with ${TENANT_ID} in \`issuer\` and only then`,
    ),
    ...when(!isEntra && entry.tenantIds, "tenantIds", "nothing, without the presets entra-v1 and entra-v2"),
    ...when(
      isTemplate && isDiscovery(entry.keys),
      "keys",
      "nothing, or { jwksUri }: a template has no discovery document",
    ),
    ...when(
      preset === "spiffe" && isUnnamed === (entry.trustDomain !== undefined),
      "trustDomain",
      "the trust domain, if `issuer` is not spiffe://TRUST-DOMAIN, and only then",
    ),
    ...when(preset !== "spiffe" && entry.trustDomain, "trustDomain", "nothing, without the preset spiffe"),
    ...when(
      isUnnamed && (entry.keys === undefined || isDiscovery(entry.keys)),
      "keys",
      "{ jwksUri } or { jwks }: a trust domain has no discovery document",
    ),
  ];
}

function when(condition: unknown, option: keyof Written, message = ""): PresetMistake[] {
  return condition ? [{ option, message }] : [];
}

const isDiscovery = (keys: unknown): boolean => typeof keys === "object" && keys !== null && "discovery" in keys;
