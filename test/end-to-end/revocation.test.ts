import { EventEmitter, once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CloudRecord } from "../../local/cloud/report.ts";
import { type LocalStack, startLocalStack } from "../../local/stack/local-stack.ts";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { disableKey, enableKey, revokeKey } from "../../providers/api-key/management/status.ts";
import { dynamoDbEntitlementTable } from "../../providers/entitlements/management/dynamodb-entitlement-table.ts";
import { disable, enable } from "../../providers/entitlements/management/entitlements.ts";
import { recordKey } from "../../providers/entitlements/record-key.ts";

/** The built functions behind the local gateway: a change of a key becomes events, and reaches the authorizer caches. */

const APIS = ["RestApi", "HttpApi"];
const change = { by: "carol", reason: "leaked", time: Math.floor(Date.now() / 1000) };

const records: CloudRecord[] = [];
const arrived = new EventEmitter();
let stack: LocalStack;
beforeAll(async () => {
  const onCloud = (record: CloudRecord) => {
    records.push(record);
    arrived.emit("record");
  };
  stack = await startLocalStack({ template: "template.yaml", onCloud });
});
afterAll(() => stack.close());

/** Waits until what was reported has something. */
async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await once(arrived, "record");
  }
}

const eventOf = (id: string, name: string) =>
  until(() => records.find((each) => each.kind === "event" && JSON.stringify(each.detail).includes(`"${id}:${name}:`)));
/** Waits until the caches of both APIs were flushed since a number of records. */
const flushed = (count: number) =>
  until(() => {
    const apis = records.slice(count).flatMap((each) => (each.kind === "flush" ? [each.api] : []));
    return APIS.every((api) => apis.includes(api)) ? true : undefined;
  });

async function issued() {
  const key = await (await fetch(`${stack.issuers}/api-key?scope=orders:read`)).text();
  const [, , id = ""] = key.split("_");
  const ask = () => Promise.all(APIS.map((api) => statusOf(`${stack.gateway.urls[api]}/whoami`, key)));
  return { key, id, ask, table: dynamoDbKeyTable(stack.config.apiKeys?.table ?? "") };
}

/** The status of a decision. On a busy machine a cold start takes longer than a reading counts, which is 500. */
async function statusOf(url: string, credential: string, { scheme = "ApiKey", attempts = 10 } = {}): Promise<number> {
  const { status } = await fetch(url, { headers: { Authorization: `${scheme} ${credential}` } });
  return status === 500 && attempts > 1 ? statusOf(url, credential, { scheme, attempts: attempts - 1 }) : status;
}

test("a revoked key is refused by both APIs as soon as the caches are flushed", async () => {
  const { key, id, ask, table } = await issued();
  await eventOf(id, "1:KeyIssued");
  // The policies of these answers are cached.
  expect(await ask()).toEqual([200, 200]);
  const count = records.length;
  await revokeKey(table, id, change);
  await flushed(count);
  expect(await ask()).toEqual([401, 401]);
  const event = await eventOf(id, "2:KeyRevoked");
  expect(event).toMatchObject({ source: "sallyport", detail: { by: "carol", why: "leaked", key: { id, version: 2 } } });
  expect(JSON.stringify(records)).not.toContain(key.split("_")[3]);
});

test("a user who is locked out is refused by both APIs as soon as the caches are flushed, and back afterwards", async () => {
  const { entitlements, jwt } = stack.config;
  const table = dynamoDbEntitlementTable(entitlements?.table ?? "");
  const ref = { kind: "subject", issuer: jwt?.issuers[0]?.issuer ?? "", subject: "mallory" } as const;
  const token = await (await fetch(`${stack.issuers}/jwt?sub=mallory`)).text();
  const ask = () =>
    Promise.all(APIS.map((api) => statusOf(`${stack.gateway.urls[api]}/whoami`, token, { scheme: "Bearer" })));
  expect(await ask()).toEqual([200, 200]);
  const count = records.length;
  await disable(table, ref, change);
  await flushed(count);
  expect(await ask()).toEqual([401, 401]);
  const key = recordKey(ref);
  expect(await eventOf(key, "1:SubjectDisabled")).toMatchObject({
    detail: { by: "carol", why: "leaked", subject: { subject: "mallory", version: 1 } },
  });
  await enable(table, ref, change);
  await eventOf(key, "2:SubjectEnabled");
  expect(await ask()).toEqual([200, 200]);
});

test("an operator locks a tenant out by the admin API: the event tells who it was, and the caches are flushed", async () => {
  const token = await (await fetch(`${stack.issuers}/jwt?tenant=globex&sub=gina`)).text();
  const ask = () =>
    Promise.all(APIS.map((api) => statusOf(`${stack.gateway.urls[api]}/whoami`, token, { scheme: "Bearer" })));
  const scopes = "scope=entitlements:read+entitlements:write";
  const operator = await (await fetch(`${stack.issuers}/jwt?${scopes}&tenant=&sub=olga`)).text();
  const send = (method: string, path: string, headers = {}) =>
    fetch(`${stack.gateway.urls.KeysApi}/entitlements/tenant${path}?tenant=globex`, {
      ...{ method, headers: { Authorization: `Bearer ${operator}`, ...headers } },
    });
  expect(await ask()).toEqual([200, 200]);
  const count = records.length;
  const { status, headers } = await send("POST", "/disable");
  expect(status).toBe(201);
  await flushed(count);
  expect(await ask()).toEqual([401, 401]);
  const key = recordKey({ kind: "tenant", tenant: "globex" });
  const by = `${stack.config.jwt?.issuers[0]?.issuer}|olga`;
  expect(await eventOf(key, "1:TenantDisabled")).toMatchObject({ detail: { by, tenant: { tenant: "globex" } } });
  // Who removes a record ends a lockout, and is told too.
  expect((await send("DELETE", "", { "If-Match": headers.get("etag") })).status).toBe(204);
  expect(await eventOf(key, "2:TenantEnabled")).toMatchObject({ detail: { by } });
  expect(await ask()).toEqual([200, 200]);
});

test("a suspended key is refused in the same way, and allowed again after the suspension", async () => {
  const { id, ask, table } = await issued();
  expect(await ask()).toEqual([200, 200]);
  const count = records.length;
  await disableKey(table, id, change);
  await flushed(count);
  await eventOf(id, "2:KeyDisabled");
  expect(await ask()).toEqual([401, 401]);
  await enableKey(table, id, change);
  await eventOf(id, "3:KeyEnabled");
  expect(await ask()).toEqual([200, 200]);
});
