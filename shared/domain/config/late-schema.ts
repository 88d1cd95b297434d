import * as v from "valibot";
import { federationConfig } from "./federation.ts";
import { LATE, type LateName } from "./late.ts";
import { PRINTED, PRINTED_URLS, SECRETS, under } from "./printed-places.ts";
import { protectedResourcesConfig } from "./protected-resources.ts";
import { samlLogin } from "./saml-login.ts";
import type { Config } from "./schema.ts";

// So that a misspelt name in these parts finds the right one.
Object.assign(LATE, {
  federation: federationConfig,
  login: samlLogin,
  protectedResources: protectedResourcesConfig,
} satisfies Record<LateName, v.GenericSchema>);

for (const place of [
  ...under("federation", ["issuer", "table", "resources", "resources[]", "secondOpinion"]),
  ...under("federation.subjectTokens[]", ["name", "issuer"]),
  ...under("federation.clients[]", ["id", "redirectUris[]", "grants[]", "connections[]", "resources[]", "scopes[]"]),
  ...under("saml.identityProviders[].login", ["connection", "binding"]),
]) {
  PRINTED.add(place);
}
PRINTED_URLS.add("saml.identityProviders[].login.singleSignOnUrl");

SECRETS.push(/^federation\.(signing|requestSigning|clients\[\]\.authentication)(?![A-Za-z])/);

const parts = v.looseObject({
  federation: v.optional(federationConfig),
  protectedResources: v.optional(protectedResourcesConfig),
  saml: v.optional(
    v.looseObject({
      identityProviders: v.array(v.looseObject({ login: v.optional(samlLogin) })),
    }),
  ),
});

type Parts = v.InferOutput<typeof parts>;

/** Schema of these parts in a configuration whose others are checked. */
export const lateSchema = v.pipe(
  parts,
  v.forward(
    v.check(
      ({ federation, saml }) => federation !== undefined || loginsOf({ saml }).length === 0,
      "`federation`, where an identity provider has `login`",
    ),
    ["federation"],
  ),
  v.forward(
    v.check(
      (config) => hasOwnNames(config),
      "a name of its own for each connection of `saml.identityProviders[].login` and each entry of `subjectTokens`",
    ),
    ["federation"],
  ),
  v.forward(
    v.check(hasConnections, "`clients[].connections` that are connections of `saml.identityProviders[].login`"),
    ["federation"],
  ),
  v.forward(
    v.check(
      ({ federation, saml }) =>
        !federation ||
        federation.requestSigning !== undefined ||
        !loginsOf({ saml }).some(({ signRequest }) => signRequest),
      "`requestSigning`, where a `login` has `signRequest`",
    ),
    ["federation"],
  ),
);

const loginsOf = ({ saml }: Pick<Parts, "saml">) => (saml?.identityProviders ?? []).flatMap(({ login }) => login ?? []);

function hasOwnNames({ federation, saml }: Parts): boolean {
  if (!federation) return true;
  const names = [
    ...loginsOf({ saml }).map(({ connection }) => connection),
    ...federation.subjectTokens.map(({ name }) => name),
  ];
  return new Set(names).size === names.length;
}

function hasConnections({ federation, saml }: Parts): boolean {
  const names = loginsOf({ saml }).map(({ connection }) => connection);
  return (federation?.clients ?? []).every(({ connections = [] }) => connections.every((name) => names.includes(name)));
}

/** A configuration with these parts checked, and their defaults in place. */
export type LateChecked = { readonly config: Config } | { readonly issues: readonly v.BaseIssue<unknown>[] };

/** Checks the parts that the authorizer does not use. */
export function checkLate(config: Config): LateChecked {
  const result = v.safeParse(lateSchema, config);
  // The others pass through as they are.
  return result.success ? { config: result.output as unknown as Config } : { issues: result.issues };
}
