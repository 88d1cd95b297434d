/** Which SAML attribute, by `Name`, holds what. */
export interface AttributeMapping {
  /** Names the caller instead of the NameID. */
  readonly subject?: string | undefined;
  readonly tenant?: string | undefined;
  readonly scopes: readonly string[];
  /** Roles and groups: both are what rules call roles. */
  readonly roles: readonly string[];
  /** Name in the context → attribute. */
  readonly attributes: Readonly<Record<string, string>>;
}

const XMLSOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const WINDOWS = "http://schemas.microsoft.com/ws/2008/06/identity/claims";
const ENTRA = "http://schemas.microsoft.com/identity/claims";

/** For products whose administrator names every attribute: the names that our guide asks for. */
const NAMED: AttributeMapping = {
  tenant: "tenant",
  scopes: ["scopes"],
  roles: ["roles", "groups"],
  attributes: { email: "email", name: "name" },
};

/**
 * What identity providers call the things a principal is made of, as they come or, where each installation chooses names, as
 * docs/saml.md asks for them.
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
  // The names that its built-in mappers begin with.
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
  // eduPerson and SCHAC: schacHomeOrganization, eduPersonEntitlement, isMemberOf, mail, displayName, eduPersonPrincipalName.
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

/** A preset with what an entry says otherwise: a name for a name, and the context's names one by one. */
export function attributeMapping(
  preset: SamlPreset | undefined,
  own: { [Name in keyof AttributeMapping]?: AttributeMapping[Name] | undefined },
): AttributeMapping {
  const base: AttributeMapping = preset ? SAML_PRESETS[preset] : { scopes: [], roles: [], attributes: {} };
  const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...base, ...said, attributes: { ...base.attributes, ...own.attributes } };
}
