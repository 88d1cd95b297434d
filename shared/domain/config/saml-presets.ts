/** Which SAML attribute, by its `Name`, holds which property of the caller. */
export interface AttributeMapping {
  /** Identifies the caller instead of the NameID. */
  readonly subject?: string | undefined;
  readonly tenant?: string | undefined;
  readonly scopes: readonly string[];
  /** Attributes with roles or groups. Rules call both roles. */
  readonly roles: readonly string[];
  /** Name in the context → attribute. */
  readonly attributes: Readonly<Record<string, string>>;
}

const XMLSOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const WINDOWS = "http://schemas.microsoft.com/ws/2008/06/identity/claims";
const ENTRA = "http://schemas.microsoft.com/identity/claims";

/** For products where the administrator names every attribute: the names that docs/saml.md asks for. */
const NAMED: AttributeMapping = {
  tenant: "tenant",
  scopes: ["scopes"],
  roles: ["roles", "groups"],
  attributes: { email: "email", name: "name" },
};

/**
 * Attribute names of identity providers. They are the product's defaults or, if each installation chooses its own
 * names, the names that docs/saml.md asks for.
 */
export const SAML_PRESETS = {
  // https://learn.microsoft.com/entra/identity-platform/reference-saml-tokens
  entra: {
    tenant: `${ENTRA}/tenantid`,
    scopes: [],
    roles: [`${WINDOWS}/role`, `${WINDOWS}/groups`],
    attributes: {
      email: `${XMLSOAP}/emailaddress`,
      name: `${ENTRA}/displayname`,
      objectId: `${ENTRA}/objectidentifier`,
    },
  },
  okta: NAMED,
  // The default names of its built-in mappers.
  keycloak: {
    tenant: "tenant",
    scopes: ["scopes"],
    roles: ["Role", "member"],
    attributes: { email: "urn:oid:1.2.840.113549.1.9.1", name: "name" },
  },
  // AD FS claim descriptions: E-Mail Address, Name, Role, Group.
  adfs: {
    scopes: [],
    roles: [`${WINDOWS}/role`, "http://schemas.xmlsoap.org/claims/Group"],
    attributes: { email: `${XMLSOAP}/emailaddress`, name: `${XMLSOAP}/name`, upn: `${XMLSOAP}/upn` },
  },
  google: NAMED,
  pingone: NAMED,
  // eduPerson and SCHAC: schacHomeOrganization, eduPersonEntitlement, isMemberOf, mail, displayName,
  // eduPersonPrincipalName.
  shibboleth: {
    tenant: "urn:oid:1.3.6.1.4.1.25178.1.2.9",
    scopes: [],
    roles: ["urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1"],
    attributes: {
      email: "urn:oid:0.9.2342.19200300.100.1.3",
      name: "urn:oid:2.16.840.1.113730.3.1.241",
      principalName: "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
    },
  },
} as const satisfies Record<string, AttributeMapping>;

export type SamlPreset = keyof typeof SAML_PRESETS;

/** The names of a preset, overridden by those of an entry. `attributes` is merged name by name. */
export function attributeMapping(
  preset: SamlPreset | undefined,
  own: { [Name in keyof AttributeMapping]?: AttributeMapping[Name] | undefined },
): AttributeMapping {
  const base: AttributeMapping = preset ? SAML_PRESETS[preset] : { scopes: [], roles: [], attributes: {} };
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...base, ...set, attributes: { ...base.attributes, ...own.attributes } };
}
