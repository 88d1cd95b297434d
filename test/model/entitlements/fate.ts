/** What a table of entitlements makes of principals, as docs/entitlements.md has it. */

export interface Stated {
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  readonly tokenId?: string | undefined;
  readonly issuedAt?: number | undefined;
  readonly tenant?: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

export interface Lockout {
  readonly disabledSince?: number | undefined;
  readonly revokedBefore?: number | undefined;
}
export interface OfSubject extends Lockout {
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly tenant?: string | undefined;
}

/** What one reading of the table says; undefined: no record. */
export interface Table {
  readonly subject: (issuer: string, subject: string) => OfSubject | "damaged" | undefined;
  readonly token: (issuer: string, tokenId: string) => object | "damaged" | undefined;
  readonly tenant: (tenant: string) => Lockout | "damaged" | undefined;
}

export interface Fate {
  /** Any of them may be told. */
  readonly refusals: readonly string[];
  readonly isTrouble: boolean;
  readonly tenant: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

export interface Setting {
  readonly rights: "add" | "replace";
  /** Seconds by which the clock of an issuer may be ahead. */
  readonly tolerance: (issuer: string) => number;
}

export function fateOf(stated: Stated, isAlone: boolean, table: Table, { rights, tolerance }: Setting): Fate {
  const { issuer, subject, tokenId, issuedAt } = stated;
  const isKey = stated.provider === "api-key";
  const found = table.subject(issuer, subject);
  const isUnknown = found === "damaged";
  const record = isUnknown ? undefined : found;
  const tenant = stated.tenant ?? record?.tenant;
  const ofTenant = tenant === undefined ? undefined : table.tenant(tenant);
  const ofToken = tokenId === undefined ? undefined : table.token(issuer, tokenId);
  const isOld = (lockout: Lockout | "damaged" | undefined) => {
    if (lockout === undefined || lockout === "damaged" || lockout.revokedBefore === undefined) return false;
    return issuedAt === undefined || issuedAt < lockout.revokedBefore + tolerance(issuer);
  };
  const isDisabled = (lockout: Lockout | "damaged" | undefined) =>
    lockout !== undefined && lockout !== "damaged" && lockout.disabledSince !== undefined;
  const isMismatch = record?.tenant !== undefined && record.tenant !== (isKey ? stated.tenant : tenant);
  const replaces = rights === "replace" && !isKey && !isUnknown;
  const isEntitled = record !== undefined && record.roles.length + record.scopes.length > 0;
  const lost = (["roles", "scopes"] as const).some((name) => stated[name].length > 0 && !record?.[name].length);
  return {
    refusals: [
      ...(isDisabled(record) ? ["subject_disabled"] : []),
      ...(isDisabled(ofTenant) ? ["tenant_disabled"] : []),
      ...(isOld(record) || isOld(ofTenant) || (ofToken && ofToken !== "damaged") ? ["token_revoked"] : []),
      ...(isMismatch ? ["entitlement_tenant_mismatch"] : []),
      ...(replaces && (!isEntitled || (!isAlone && lost)) ? ["subject_not_entitled"] : []),
    ],
    isTrouble: isUnknown || ofTenant === "damaged" || ofToken === "damaged",
    tenant,
    roles: combined("roles"),
    scopes: combined("scopes"),
  };

  function combined(name: "roles" | "scopes"): readonly string[] {
    if (isKey) return stated[name];
    const given = record?.[name] ?? [];
    return [...new Set(rights === "replace" ? given : [...stated[name], ...given])].toSorted();
  }
}
