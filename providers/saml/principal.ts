import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { isIdentifier, isName, isScopeToken } from "../../shared/domain/principal/name.ts";
import type { Authentication, Principal } from "../../shared/domain/principal/principal.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import { type Attributes, exactValueOf, valuesOf } from "./attributes.ts";
import { trimXml } from "./xml/white-space.ts";

/** The data of a verified assertion other than its attributes. */
export interface AssertionFacts {
  /** As it stands. Absent if the assertion has none; then the entry must name an attribute. */
  readonly nameId?: string;
  /** ID of the assertion (SAML core 1.3.4). Absent where there is none yet, as for `explain --claims`. */
  readonly id?: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** CIDR of the one address that the assertion holds for. */
  readonly address?: string;
  /** Absent if the assertion has no AuthnStatement. */
  readonly authentication?: Authentication;
}

/**
 * Creates the principal of a verified assertion.
 *
 * @throws {Refusal} `assertion_subject_missing`, `assertion_attribute_invalid`
 */
export function principalOf(
  { nameId, id, issuedAt, expiresAt, address, authentication }: AssertionFacts,
  attributes: Attributes,
  entry: SamlIdentityProvider,
): Principal {
  const { attributes: mapping, fixed } = entry;
  const subject = mapping.subject === undefined ? nameId : exactValueOf(attributes, mapping.subject);
  // White space at its edges is not removed, because two subjects would become one.
  demand(isIdentifier(subject), "assertion_subject_missing");
  const tenant = fixed.tenant ?? (mapping.tenant === undefined ? undefined : single(attributes, mapping.tenant));
  demand(tenant === undefined || isName(tenant), "assertion_attribute_invalid");
  const scopes = several(attributes, mapping.scopes).flatMap((value) => value.split(" ").filter(Boolean));
  demand(scopes.every(isScopeToken), "assertion_attribute_invalid");
  const roles = several(attributes, mapping.roles);
  demand(roles.every(isName), "assertion_attribute_invalid");
  const named = Object.entries(mapping.attributes).flatMap(([name, source]) => {
    const value = single(attributes, source);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    provider: "saml",
    subject,
    kind: "user",
    kindFrom: "assertion",
    issuer: entry.issuer,
    ...(tenant !== undefined && { tenant }),
    scopes: [...new Set([...(fixed.scopes ?? []), ...scopes])],
    roles: [...new Set([...(fixed.roles ?? []), ...roles])],
    ...(address !== undefined && { addresses: [address] }),
    ...(authentication && { authentication }),
    issuedAt,
    ...(id && { tokenId: id }),
    expiresAt,
    attributes: Object.fromEntries(named),
  };
}

/** The value of an attribute that may have at most one. */
const single = (attributes: Attributes, name: string) => trimXml(exactValueOf(attributes, name) ?? "") || undefined;

const several = (attributes: Attributes, names: readonly string[]) =>
  names.flatMap((name) => valuesOf(attributes, name));
