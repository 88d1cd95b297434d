import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoDbStore } from "../../../providers/api-key/dynamodb-store.ts";
import { generateApiKey } from "../../../providers/api-key/format.ts";
import { apiKeyProvider } from "../../../providers/api-key/index.ts";
import { issueApiKey } from "../../../providers/api-key/issue.ts";
import { itemOf, partitionKey } from "../../../providers/api-key/item.ts";
import type { KeyStore } from "../../../providers/api-key/store.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import type { Scheme } from "../../../shared/domain/request/credential.ts";
import { NOW, requestFor } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTable } from "./fixture.ts";

let table: KeyTable;
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

describe("a key proves", () => {
  test("a client, with what is on record of it", async () => {
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

  test("its own id where it has no subject, without end where it has none", async () => {
    const { key, record } = await table.issue();
    const principal = await verify(key, { time: NOW + 1e9 });
    expect(principal).toMatchObject({ subject: record.id });
    expect(principal).not.toHaveProperty("expiresAt");
    expect(principal).not.toHaveProperty("addresses");
  });

  test("nothing of itself to who reads the table", async () => {
    const { key, record } = await table.issue();
    const stored = JSON.stringify(itemOf(record));
    expect(stored).not.toContain(key.slice(25, 68));
    expect(record.hash).toHaveLength(32);
  });

  test("still what it did after a new pepper has come", async () => {
    const { config, store } = table;
    const before = { ...config, peppers: config.peppers.toReversed() };
    const { key, record } = await issueApiKey({ name: "Old" }, before, store, NOW);
    expect(record.pepper).toBe("old");
    expect(await verify(key)).toMatchObject({ subject: record.id });
  });
});

describe("no key is issued", () => {
  test.each<[string, object]>([
    ["with an address that cannot be read", { addresses: ["10/8"] }],
    ["with an attribute by a name of the authorizer's own", { attributes: { reason: "x" } }],
    ["with an attribute in place of its own id", { attributes: { keyId: "another" } }],
    ["with a number that the table would change", { attributes: { level: 2 ** 60 } }],
    ["that ends in the year 10000", { expiresIn: 253_402_300_800 - NOW }],
    ["for more scopes than a record holds", { scopes: Array.from({ length: 257 }, (_, index) => `s${index}`) }],
  ])("%s", async (_what, options) => {
    await expect(table.issue(options)).rejects.toThrow();
  });
});

describe("rejected is a key", () => {
  test("that expires now", async () => {
    const { key } = await table.issue({ expiresIn: 60 });
    expect(await verify(key, { time: NOW + 59 })).toHaveProperty("subject");
    expect(await verify(key, { time: NOW + 60 })).toBe("rejected: key_expired");
  });

  test("that is disabled, until it is enabled again", async () => {
    const { key, record } = await table.issue();
    expect(await table.store.setStatus(record.id, "disabled")).toBe(true);
    expect(await verify(key)).toBe("rejected: key_disabled");
    expect(await table.store.setStatus(record.id, "active")).toBe(true);
    expect(await verify(key)).toHaveProperty("subject");
  });

  test("that was revoked, for good", async () => {
    const { key, record } = await table.issue();
    expect(await table.store.setStatus(record.id, "revoked")).toBe(true);
    expect(await verify(key)).toBe("rejected: key_revoked");
    expect(await table.store.setStatus(record.id, "active")).toBe(false);
    expect(await verify(key)).toBe("rejected: key_revoked");
  });

  test("that nobody issued", async () => {
    expect(await verify(generateApiKey("sp", "live").text)).toBe("rejected: key_unknown");
  });

  test("of another secret, whatever the state of the key: an id tells nothing", async () => {
    const { record } = await table.issue();
    const forged = generateApiKey("sp", "live");
    const { key: _, ...other } = { ...record, id: forged.id, key: "" };
    await table.store.add({ ...other, status: "revoked" });
    expect(await verify(forged.text)).toBe("rejected: key_mismatch");
  });
});

describe("no database is read for a key", () => {
  const { text } = generateApiKey("sp", "live");
  test.each([
    ["with a wrong checksum", `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`, "key_checksum_mismatch"],
    ["of the wrong shape", "sp_live_short", "key_malformed"],
    ["without end", `sp_${"x".repeat(10_000)}`, "credential_too_large"],
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

describe("trouble, and no refusal, is", () => {
  test.each<[string, string, string]>([
    ["an unknown status", "status", "suspended"],
    ["a hash of another length", "hash", "short"],
    ["an expiry that is no number", "expiresAt", "tomorrow"],
    ["scopes that are no list", "scopes", "orders:read"],
    ["an attribute that nobody knows", "unknown", "x"],
    ["a pepper that the configuration has not", "pepper", "lost"],
  ])("%s on record", async (_what, name, value) => {
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
    expect(await verify(key)).toBe("unavailable: key_record_invalid");
  });

  test("an end that is NULL, or in milliseconds, on record", async () => {
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    for (const value of [{ NULL: true as const }, { N: String((NOW + 600) * 1000) }]) {
      const { key, record } = await table.issue({ expiresIn: 60 });
      const Item = { ...itemOf(record), expiresAt: value };
      await client.send(new PutItemCommand({ TableName: table.config.table, Item }));
      expect(await verify(key, { time: NOW + 3600 })).toBe("unavailable: key_record_invalid");
    }
    client.destroy();
  });

  test("a record without anything", async () => {
    const { text, id } = generateApiKey("sp", "live");
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    await client.send(new PutItemCommand({ TableName: table.config.table, Item: partitionKey(id) }));
    client.destroy();
    expect(await verify(text)).toBe("unavailable: key_record_invalid");
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

test.each<[string, Scheme, boolean]>([
  ["sp_", "api-key", true],
  ["sp_live_x", "bearer", true],
  ["sp_live_x", "saml", false],
  ["sp_live_x", "other", false],
  // A key of API Gateway's own stands in the same header and is none of ours.
  ["d41d8cd98f00b204e9800998ecf8427e", "api-key", false],
  ["spx_live", "api-key", false],
])("whether %s under %s is an API key of ours: %s", (value, scheme, expected) => {
  expect(apiKeyProvider(table.config).recognises(credentialOf(value, scheme))).toBe(expected);
});
