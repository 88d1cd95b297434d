import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import type { EntitlementTable } from "../../../providers/entitlements/management/entitlement-table.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import type { ApiRequest } from "../http/api-request.ts";
import type { RequestTable } from "../idempotency/request-table.ts";
import type { Administrator } from "../rights/administrator.ts";
import type { TenantBudget } from "../rights/tenant-budget.ts";

/** What every request needs. */
export interface Services {
  readonly config: ApiKeysConfig;
  readonly table: KeyTable;
  readonly requests: RequestTable;
  readonly budget: TenantBudget;
  /** The table of entitlements. Absent: the configuration has none. */
  readonly entitlements?: EntitlementTable | undefined;
}

/** One request with its caller. */
export interface Call extends Services {
  readonly request: ApiRequest;
  readonly administrator: Administrator;
  /** Seconds since the epoch. */
  readonly time: number;
}
