import { dynamoDbEntitlementTable } from "../../providers/entitlements/management/dynamodb-entitlement-table.ts";
import {
  disable,
  revokeToken,
  revokeTokens,
  type SubjectUpdate,
  setEntitlements,
} from "../../providers/entitlements/management/entitlements.ts";

/** What an operator does to callers with a JWT, in the table of entitlements. */
export interface Operator {
  /** Gives a subject roles, scopes or a tenant. */
  entitle(subject: string, rights: SubjectUpdate): Promise<void>;
  /** Locks a subject out. */
  lockOut(subject: string): Promise<void>;
  /** Locks a tenant out. */
  lockOutTenant(tenant: string): Promise<void>;
  /** Revokes the token with an id. */
  revokeToken(tokenId: string): Promise<void>;
  /** Revokes all that was issued to a subject. */
  revokeTokens(subject: string): Promise<void>;
}

/**
 * An operator of a table.
 *
 * @param issuer of the JWTs
 * @param time the operator's clock, in seconds since the epoch
 */
export function createOperator(tableName: string, issuer: string, time: number): Operator {
  const table = dynamoDbEntitlementTable(tableName);
  const change = { by: "local stage", time };
  const refOf = (subject: string) => ({ kind: "subject", issuer, subject }) as const;
  return {
    async entitle(subject, rights) {
      await setEntitlements(table, refOf(subject), rights, change);
    },
    async lockOut(subject) {
      await disable(table, refOf(subject), change);
    },
    async lockOutTenant(tenant) {
      await disable(table, { kind: "tenant", tenant }, change);
    },
    async revokeToken(tokenId) {
      await revokeToken(table, { kind: "token", issuer, tokenId }, change, { expiresAt: time + 3600 });
    },
    async revokeTokens(subject) {
      await revokeTokens(table, refOf(subject), change);
    },
  };
}
