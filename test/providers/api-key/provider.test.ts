import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoDbStore } from "../../../providers/api-key/dynamodb-store.ts";
import { generateApiKey } from "../../../providers/api-key/format.ts";
import { apiKey, apiKeyProvider } from "../../../providers/api-key/index.ts";
import { itemOf, partitionKey } from "../../../providers/api-key/item.ts";
import { issueApiKey } from "../../../providers/api-key/management/issue.ts";
import { VersionConflict } from "../../../providers/api-key/management/key-table.ts";
import { deleteKey, disableKey, enableKey, revokeKey } from "../../../providers/api-key/management/status.ts";
import type { KeyStore } from "../../../providers/api-key/store.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import type { Scheme } from "../../../shared/domain/request/credential.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { instantNow } from "../../../shared/infrastructure/remote/elapsed.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "./fixture.ts";

const CHANGE = { by: "test", time: NOW };
let table: KeyTableFixture;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());

const credentialOf = (value: string, scheme: Scheme = "api-key") =>
  ({ scheme, value, location: { in: "header", name: "x-api-key" } }) as const;

async function verify(
  key: string,
  {
    config = table.config,
    time = NOW,
    openStore,
  }: { config?: ApiKeysConfig; time?: number; openStore?: () => Promise<KeyStore> } = {},
) {
  const provider = apiKeyProvider(config, openStore && { openStore });
  const verdict = await provider.verify(
    credentialOf(key),
    requestFor("GET", "/a", { time }),
    new AbortController().signal,
  );
  return verdict.status === "authenticated" ? verdict.principal : `${verdict.status}: ${verdict.reason}`;
}

describe("a valid key", () => {
  test("proves a client with the values of its record", async () => {
    const { key, record } = await table.issue({
      tenant: "acme",
      subject: "partner-1",
      scopes: ["orders:read"],
      roles: ["batch"],
      addresses: ["192.0.2.7/24", "2001:db8::/32"],
      attributes: { plan: "gold", level: 3, trial: false },
      usageIdentifierKey: "u".repeat(20),
      expiresIn: 600,
    });
    expect(await verify(key)).toEqual({
      provider: "api-key",
      subject: "partner-1",
      kind: "client",
      kindFrom: "api_key",
      issuer: "api-keys:live",
      tenant: "acme",
      scopes: ["orders:read"],
      roles: ["batch"],
      addresses: ["192.0.2.0/24", "2001:db8::/32"],
      issuedAt: NOW,
      expiresAt: NOW + 600,
      attributes: { plan: "gold", level: 3, trial: false, keyId: record.id },
      usageIdentifierKey: "u".repeat(20),
    });
  });

  test("proves its own ID without a subject, and does not expire without expiresAt", async () => {
    const { key, record } = await table.issue();
    const principal = await verify(key, { time: NOW + 1e9 });
    expect(principal).toMatchObject({ subject: record.id });
    expect(principal).not.toHaveProperty("expiresAt");
    expect(principal).not.toHaveProperty("addresses");
  });

  test("is not in the table", async () => {
    const { key, record } = await table.issue();
    const stored = JSON.stringify(itemOf(record));
    expect(stored).not.toContain(key.slice(25, 68));
    expect(record.hash).toHaveLength(32);
  });

  test("is accepted after a new pepper was added", async () => {
    const { config, store } = table;
    const before = { ...config, peppers: config.peppers.toReversed() };
    const { key, record } = await issueApiKey({ name: "Old" }, before, store, CHANGE);
    expect(record.pepper).toBe("old");
    expect(await verify(key)).toMatchObject({ subject: record.id });
  });
});

test("a key is stored once if the client repeats its record, and another record never replaces it", async () => {
  const { key, record } = await table.issue();
  await table.store.add(record);
  await expect(table.store.add({ ...record, changeId: "another", hash: new Uint8Array(32) })).rejects.toThrow(
    VersionConflict,
  );
  expect(await verify(key)).toMatchObject({ subject: record.id });
});

describe("refuses to issue a key", () => {
  test.each<[string, object]>([
    ["with an invalid address", { addresses: ["10/8"] }],
    ["with an attribute that has a reserved name", { attributes: { reason: "x" } }],
    ["with an attribute named keyId", { attributes: { keyId: "another" } }],
    ["with a number that DynamoDB would round", { attributes: { level: 2 ** 60 } }],
    ["that expires in the year 10000", { expiresIn: 253_402_300_800 - NOW }],
    ["with too many scopes", { scopes: Array.from({ length: 257 }, (_, index) => `s${index}`) }],
  ])("%s", async (_what, options) => {
    await expect(table.issue(options)).rejects.toThrow();
  });
});

describe("rejects a key", () => {
  test("that has expired", async () => {
    const { key } = await table.issue({ expiresIn: 60 });
    expect(await verify(key, { time: NOW + 59 })).toHaveProperty("subject");
    expect(await verify(key, { time: NOW + 60 })).toBe("rejected: key_expired");
  });

  test("that is disabled, and accepts it when it is active again", async () => {
    const { key, record } = await table.issue();
    await disableKey(table.store, record.id, CHANGE);
    expect(await verify(key)).toBe("rejected: key_disabled");
    await enableKey(table.store, record.id, CHANGE);
    expect(await verify(key)).toHaveProperty("subject");
  });

  test("that was revoked, which is final", async () => {
    const { key, record } = await table.issue();
    await revokeKey(table.store, record.id, CHANGE);
    expect(await verify(key)).toBe("rejected: key_revoked");
    for (const change of [enableKey, disableKey]) {
      await expect(change(table.store, record.id, CHANGE)).rejects.toThrow("revoked for good");
    }
    expect(await verify(key)).toBe("rejected: key_revoked");
  });

  test("whose revocation was repeated, because its answer was lost", async () => {
    const { key, record } = await table.issue();
    for (const _ of ["lost", "repeated"]) await revokeKey(table.store, record.id, CHANGE);
    expect(await verify(key)).toBe("rejected: key_revoked");
    await expect(revokeKey(table.store, generateApiKey("sp", "live").id, CHANGE)).rejects.toThrow("does not exist");
  });

  test("that was deleted, as one that was never issued", async () => {
    const { key, record } = await table.issue();
    await revokeKey(table.store, record.id, CHANGE);
    await deleteKey(table.store, record.id, CHANGE);
    expect(await verify(key)).toBe("rejected: key_unknown");
  });

  test("that was not issued", async () => {
    expect(await verify(generateApiKey("sp", "live").text)).toBe("rejected: key_unknown");
  });

  test("with a wrong secret, and does not tell the state of the key", async () => {
    const { record } = await table.issue();
    const forged = generateApiKey("sp", "live");
    const { key: _, ...other } = { ...record, id: forged.id, key: "" };
    await table.store.add({ ...other, status: "revoked" });
    expect(await verify(forged.text)).toBe("rejected: key_mismatch");
  });
});

test("opens the table again with the next key, if that failed", async () => {
  const { key } = await table.issue();
  let opened = 0;
  const openStore = async () => {
    if (opened++ === 0) throw new Error("the module was not found");
    return table.store;
  };
  const provider = apiKeyProvider(table.config, { openStore });
  const ask = () =>
    provider.verify(credentialOf(key), requestFor("GET", "/a", { time: NOW }), new AbortController().signal);
  expect(await ask()).toMatchObject({ status: "unavailable", reason: "key_store_unavailable" });
  expect(await ask()).toMatchObject({ status: "authenticated" });
});

describe("rejects a key without reading the table", () => {
  const { text } = generateApiKey("sp", "live");
  test.each([
    ["with a wrong checksum", `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`, "key_checksum_mismatch"],
    ["with a wrong shape", "sp_live_short", "key_malformed"],
    ["that is too long", `sp_${"x".repeat(10_000)}`, "credential_too_large"],
    ["of another environment", generateApiKey("sp", "test").text, "key_environment_mismatch"],
  ])("%s", async (_what, key, reason) => {
    let opened = 0;
    const openStore = () => {
      opened++;
      return Promise.reject(new Error("not to be opened"));
    };
    expect(await verify(key, { openStore })).toBe(`rejected: ${reason}`);
    expect(opened).toBe(0);
  });
});

describe("is unavailable because of", () => {
  // An index refuses some of these items, so this table has none.
  let table: KeyTableFixture;
  beforeAll(async () => {
    table = await createKeyTableFixture(tableDefinition);
  });
  afterAll(() => table.close());
  const verifyHere = (key: string, time = NOW) => verify(key, { config: table.config, time });

  test.each<[string, string, string]>([
    ["an unknown status", "status", "suspended"],
    ["a hash of another length", "hash", "short"],
    ["an expiry that is not a number", "expiresAt", "tomorrow"],
    ["scopes that are not a list", "scopes", "orders:read"],
    ["an unknown attribute", "unknown", "x"],
    ["a pepper that the configuration does not have", "pepper", "lost"],
  ])("%s in the record", async (_what, name, value) => {
    const { key, record } = await table.issue();
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    await client.send(
      new UpdateItemCommand({
        TableName: table.config.table,
        Key: partitionKey(record.id),
        UpdateExpression: "SET #name = :value",
        ExpressionAttributeNames: { "#name": name },
        ExpressionAttributeValues: { ":value": { S: value } },
      }),
    );
    client.destroy();
    expect(await verifyHere(key)).toBe("unavailable: key_record_invalid");
  });

  test("an expiry in the record that is NULL or in milliseconds", async () => {
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    for (const value of [{ NULL: true as const }, { N: String((NOW + 600) * 1000) }]) {
      const { key, record } = await table.issue({ expiresIn: 60 });
      const Item = { ...itemOf(record), expiresAt: value };
      await client.send(new PutItemCommand({ TableName: table.config.table, Item }));
      expect(await verifyHere(key, NOW + 3600)).toBe("unavailable: key_record_invalid");
    }
    client.destroy();
  });

  test("another environment in the record than in its key: a record that was moved by hand", async () => {
    const { key, record } = await table.issue();
    const openStore = async (): Promise<KeyStore> => ({
      ...table.store,
      get: async () => ({ record: { ...record, environment: "test" }, readAt: instantNow() }),
    });
    expect(await verify(key, { config: table.config, openStore })).toBe("unavailable: key_record_invalid");
  });

  test("an empty record", async () => {
    const { text, id } = generateApiKey("sp", "live");
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    await client.send(new PutItemCommand({ TableName: table.config.table, Item: partitionKey(id) }));
    client.destroy();
    expect(await verifyHere(text)).toBe("unavailable: key_record_invalid");
  });

  test("a table that does not exist", async () => {
    const { key } = await table.issue();
    expect(await verify(key, { config: { ...table.config, table: "absent" } })).toBe(
      "unavailable: key_store_unavailable",
    );
  });

  test("a pepper that is missing or short", async () => {
    const { key } = await table.issue();
    const peppers = (name: string) => [{ id: "new", secret: { environment: name } }];
    process.env.TEST_PEPPER_SHORT = "short";
    for (const name of ["TEST_PEPPER_MISSING", "TEST_PEPPER_SHORT"]) {
      expect(await verify(key, { config: { ...table.config, peppers: peppers(name) } })).toBe(
        "unavailable: secret_unavailable",
      );
    }
  });

  test.each<[string, (endpoint: { close: () => void }) => void]>([
    ["refuses connections", ({ close }) => close()],
    ["never answers", () => {}],
  ])("a database that %s", async (_what, prepare) => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const before = process.env.AWS_ENDPOINT_URL_DYNAMODB;
    process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${port}`;
    const store = dynamoDbStore("any");
    process.env.AWS_ENDPOINT_URL_DYNAMODB = before;
    prepare({ close: () => server.close() });
    expect(await verify(generateApiKey("sp", "live").text, { openStore: async () => store })).toBe(
      "unavailable: key_store_unavailable",
    );
    server.closeAllConnections();
    server.close();
  });
});

test("is the provider api-key of a configuration with such a section, and of no other", () => {
  expect(apiKey({ ...configOf(), apiKeys: table.config })?.name).toBe("api-key");
  expect(apiKey(configOf())).toBeUndefined();
});

test.each<[string, Scheme, boolean]>([
  ["sp_", "api-key", true],
  ["sp_live_x", "bearer", true],
  ["sp_live_x", "saml", false],
  ["sp_live_x", "other", false],
  // An API Gateway API key is sent in the same header.
  ["d41d8cd98f00b204e9800998ecf8427e", "api-key", false],
  ["spx_live", "api-key", false],
])("recognises %s with the scheme %s: %s", (value, scheme, expected) => {
  expect(apiKeyProvider(table.config).recognises(credentialOf(value, scheme))).toBe(expected);
});
