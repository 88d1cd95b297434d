import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTable, type DynamoDb, useDynamoDb } from "../../../local/stage/database.ts";
import { ASSERTION_ID, assertionXml, encodeXml } from "../../../local/stage/saml/identity-provider.ts";
import { entityXml } from "../../../local/stage/saml/metadata.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { IDENTIFIERS } from "../../../providers/saml/identifiers.ts";
import { type ReplayStore, replayStoreOf, type UsedAssertion } from "../../../providers/saml/replay.ts";
import { dynamoDbUsedOnceStore } from "../../../providers/used-once.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { NOW } from "../../fixtures.ts";
import { ISSUER, identity, issue, judge, OPTIONS, providerOf } from "./fixture.ts";

/** A store in memory that counts its calls. */
function memoryStore() {
  const used: UsedAssertion[] = [];
  const store: ReplayStore = {
    async record(assertion) {
      const before = used.some(({ issuer, id }) => issuer === assertion.issuer && id === assertion.id);
      used.push(assertion);
      return !before;
    },
  };
  return { used, openStore: async () => store };
}

const once = { replay: "once" } as const;
const table = { replayTable: "used" };
const oneTimeUse = issue({ oneTimeUse: true });

describe("an assertion", () => {
  test("is accepted until it expires, and nothing is recorded", async () => {
    const { used, openStore } = memoryStore();
    const provider = providerOf({}, table, { openStore });
    for (const time of [NOW, NOW + 1, NOW + 299])
      expect(await judge(issue(), provider, { time })).toHaveProperty("subject");
    expect(await judge(issue(), provider, { time: NOW + 300 })).toBe("assertion_expired");
    expect(used).toEqual([]);
  });

  test("is refused the second time if its identity provider has replay: once", async () => {
    const { used, openStore } = memoryStore();
    const provider = providerOf(once, table, { openStore });
    expect(await judge(issue(), provider)).toHaveProperty("subject");
    expect(await judge(issue(), provider)).toBe("assertion_replayed");
    // The ID identifies the assertion, not its text.
    expect(await judge(issue({}, { encoding: "deflate" }), provider)).toBe("assertion_replayed");
    expect(used[0]).toEqual({ issuer: ISSUER, id: ASSERTION_ID, expiresAt: NOW + 300 });
  });

  test("is recorded with a store that is opened again, if that failed before", async () => {
    const { openStore } = memoryStore();
    let opened = 0;
    const provider = providerOf(once, table, {
      openStore: () => (opened++ === 0 ? Promise.reject(new Error("the module was not found")) : openStore()),
    });
    expect(await judge(issue(), provider)).toBe("replay_store_unavailable");
    expect(await judge(issue(), provider)).toHaveProperty("subject");
  });

  test("is recorded for as long as another of its confirmations may be used", async () => {
    const confirmation = /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/;
    const ending = (seconds: number) => `NotOnOrAfter="${new Date((NOW + seconds) * 1000).toISOString()}"`;
    const xml = assertionXml({ ...OPTIONS, lifetime: 3600 }).replace(confirmation, (one) =>
      [
        one.replace(ending(3600), ending(60)),
        one,
        one.replace(ending(3600), ending(900)),
        one.replace(ending(3600), 'NotOnOrAfter="never"'),
        one.replace(IDENTIFIERS.bearer, "urn:other").replace(ending(3600), ending(9000)),
      ].join(""),
    );
    const value = encodeXml(signXml(xml, ASSERTION_ID, identity));
    const { used, openStore } = memoryStore();
    const provider = providerOf(once, table, { openStore });
    expect(await judge(value, provider)).toMatchObject({ expiresAt: NOW + 60 });
    expect(await judge(value, provider, { time: NOW + 60 })).toBe("assertion_replayed");
    expect(used.map(({ expiresAt }) => expiresAt)).toEqual([NOW + 3600, NOW + 3600]);
  });

  test("is recorded for longer than its metadata are valid: they may be renewed", async () => {
    const validUntil = NOW + 60;
    const body = entityXml({ entityId: ISSUER, certificates: [identity.certificate], validUntil });
    const { used, openStore } = memoryStore();
    const metadata = { url: "https://idp.example.com/metadata" };
    const provider = providerOf({ ...once, metadata }, table, { openStore, fetch: async () => new Response(body) });
    expect(await judge(issue(), provider)).toMatchObject({ expiresAt: validUntil });
    expect(used).toMatchObject([{ expiresAt: NOW + 300 }]);
  });

  test("is refused the second time if it has OneTimeUse", async () => {
    const provider = providerOf({}, table, { openStore: memoryStore().openStore });
    expect(await judge(oneTimeUse, provider)).toHaveProperty("subject");
    expect(await judge(oneTimeUse, provider)).toBe("assertion_replayed");
  });

  test("with OneTimeUse is refused if there is no replay table", async () => {
    expect(await judge(oneTimeUse)).toBe("assertion_condition_unknown");
  });

  test("is not recorded if it is refused for another reason", async () => {
    const { used, openStore } = memoryStore();
    const provider = providerOf(once, table, { openStore });
    expect(await judge(issue({ audience: "https://other.example.com" }), provider)).toBe("assertion_audience_mismatch");
    expect(await judge(issue({}, {}), provider, { time: NOW + 300 })).toBe("assertion_expired");
    expect(used).toEqual([]);
  });

  test("with OneTimeUse is refused if API Gateway or AppSync would cache the answer", async () => {
    const { used, openStore } = memoryStore();
    const provider = providerOf(once, table, { openStore });
    const appSync = { headers: [], ttl: 60 };
    for (const cache of [{ headers: ["authorization"] }, { values: ["a"] }, appSync])
      expect(await judge(issue(), provider, { cache })).toBe("assertion_once_cached");
    expect(used).toEqual([]);
    expect(await judge(issue(), provider, { cache: undefined })).toHaveProperty("subject");
  });

  test("is unavailable if the store fails", async () => {
    const record = () => Promise.reject(new TroubleError("replay_store_unavailable"));
    const provider = providerOf(once, table, { openStore: async () => ({ record }) });
    expect(await judge(issue(), provider)).toBe("replay_store_unavailable");
  });
});

describe("the table of used assertions", () => {
  let database: DynamoDb;
  const name = `used-${randomUUID()}`;
  beforeAll(async () => {
    database = await useDynamoDb();
    process.env.AWS_ENDPOINT_URL_DYNAMODB = database.endpoint;
    await createTable(database.endpoint, tableDefinition(name));
  });
  afterAll(() => database.close());

  const signal = new AbortController().signal;
  const assertion = { issuer: ISSUER, id: "_1", expiresAt: NOW + 300 };

  test("accepts each assertion of each issuer once, also of two concurrent uses", async () => {
    const store = replayStoreOf(dynamoDbUsedOnceStore(name));
    const both = await Promise.all([store.record(assertion, signal), store.record(assertion, signal)]);
    expect(both.sort()).toEqual([false, true]);
    expect(await store.record({ ...assertion, id: "_2" }, signal)).toBe(true);
    expect(await store.record({ ...assertion, issuer: "https://other.example.com" }, signal)).toBe(true);
    expect(await store.record(assertion, signal)).toBe(false);
  });

  test("is unavailable if it does not exist", async () => {
    await expect(replayStoreOf(dynamoDbUsedOnceStore("no-such-table")).record(assertion, signal)).rejects.toThrow(
      expect.objectContaining({ reason: "replay_store_unavailable" }),
    );
  });
});
