import { randomUUID } from "node:crypto";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { vi } from "vitest";
import { createHandler } from "../../../functions/api-keys/create-handler.ts";
import { dynamoDbRequestTable } from "../../../functions/api-keys/idempotency/dynamodb-request-table.ts";
import type { Services } from "../../../functions/api-keys/operations/call.ts";
import { dynamoDbTenantBudget } from "../../../functions/api-keys/rights/tenant-budget.ts";
import { createTable } from "../../../local/stage/database.ts";
import type { KeyOptions } from "../../../providers/api-key/management/issue.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { dynamoDbEntitlementTable } from "../../../providers/entitlements/management/dynamodb-entitlement-table.ts";
import type { EntitlementTable } from "../../../providers/entitlements/management/entitlement-table.ts";
import type { Caller } from "../../../shared/domain/caller/caller.ts";
import { contextOf } from "../../../shared/domain/caller/context.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { entitlementsTableDefinition, tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { callerOf, client, NOW } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";

/** The admin API's function in this process, in front of a table. */

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // The bodies of all answers.
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Sent {
  readonly body?: unknown;
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Null: a route without the authorizer. */
  readonly as?: Caller | null;
}

export interface Harness {
  readonly keys: KeyTableFixture;
  readonly services: Services & { readonly entitlements: EntitlementTable };
  /** The table of entitlements. */
  readonly entitlements: string;
  /** The table of activity. */
  readonly activity: string;
  /** Sends one request: `send("POST /keys/{id}/rotate", id, { … })`. */
  send(route: string, id?: string, sent?: Sent, services?: Partial<Services>): Promise<Answered>;
  /** Issues a key past the API. */
  issue(options?: Partial<KeyOptions>): Promise<KeyRecord & { readonly key: string }>;
  record(id: string): Promise<KeyRecord | undefined>;
  /** Every item of all tables, as text. */
  tables(): Promise<string>;
  /** Every line that the function logged, and every answer without the 201 ones. */
  readonly told: string[];
  close(): void;
}

/** An operator: a caller of no tenant. */
export const operator = callerOf({ subject: "olga", scopes: ["keys:read", "keys:write"], tenant: undefined as never });
delete (operator as { tenant?: string }).tenant;

/** An operator who administers entitlements. */
export const entitler: Caller = { ...operator, subject: "erin", scopes: ["entitlements:read", "entitlements:write"] };

/** The administrator of the tenant acme, with a token. */
export const acme = callerOf({
  ...{ subject: "alice", tenant: "acme", scopes: ["keys:read", "keys:write", "orders:read"], roles: ["buyer"] },
  attributes: { region: "eu" },
});

/** The caller that an API key makes. */
export function partner(record: KeyRecord, overrides: Partial<Caller> = {}): Caller {
  const { id, subject = id, tenant, scopes, roles, attributes, expiresAt } = record;
  const principal: Principal = client({
    ...{ subject, scopes, roles, attributes: { ...attributes, keyId: id } },
    ...(tenant !== undefined && { tenant }),
    ...(expiresAt !== undefined && { expiresAt }),
  });
  return { ...principal, ...overrides, principals: [principal] };
}

export async function createHarness(): Promise<Harness> {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  const keys = await createKeyTableFixture();
  const activity = `activity-${randomUUID()}`;
  await createTable(keys.endpoint, tableDefinition(activity));
  const entitlements = `entitlements-${randomUUID()}`;
  await createTable(keys.endpoint, entitlementsTableDefinition(entitlements));
  const services = {
    ...{ config: keys.config, table: keys.store, requests: dynamoDbRequestTable(activity) },
    budget: dynamoDbTenantBudget(activity, 1000),
    entitlements: dynamoDbEntitlementTable(entitlements),
  };
  const told: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => told.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0);
  const dynamoDb = new DynamoDBClient({ endpoint: keys.endpoint });

  return {
    keys,
    services,
    activity,
    entitlements,
    told,
    async send(route, id, { body, rawBody, headers = {}, query = "", as = operator } = {}, replaced = {}) {
      const handler = createHandler({ ...services, ...replaced });
      const text = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
      const type = route.startsWith("PATCH") ? "application/merge-patch+json" : "application/json";
      const event = {
        ...{ version: "2.0", routeKey: route, rawQueryString: query, isBase64Encoded: false },
        headers: { ...(text !== undefined && { "content-type": type }), ...headers },
        ...(id !== undefined && { pathParameters: { id } }),
        ...(text !== undefined && { body: text }),
        requestContext: { requestId: "JKJaXmPLvHcESHA=", ...(as && { authorizer: { lambda: contextOf(as) } }) },
      };
      const context = { getRemainingTimeInMillis: () => 10_000, awsRequestId: "1", functionName: "api-keys" };
      const {
        statusCode,
        headers: given,
        body: answered = "{}",
      } = (await handler(event, context as never)) as {
        statusCode: number;
        headers: Record<string, string>;
        body?: string;
      };
      if (statusCode !== 201) told.push(JSON.stringify(given) + answered);
      return { status: statusCode, headers: given, body: JSON.parse(answered) };
    },
    async issue(options) {
      const { key, record } = await keys.issue(options);
      return { ...record, key };
    },
    record: async (id) => (await keys.store.get(id, new AbortController().signal)).record,
    async tables() {
      const items = [keys.config.table, activity, entitlements].map(async (TableName) => {
        const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName }));
        return JSON.stringify(Items);
      });
      return (await Promise.all(items)).join("\n");
    },
    close() {
      vi.useRealTimers();
      vi.restoreAllMocks();
      dynamoDb.destroy();
      keys.close();
    },
  };
}
