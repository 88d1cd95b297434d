import { createHash, createPublicKey, randomUUID, verify } from "node:crypto";
import { KMSClient, SignCommand } from "@aws-sdk/client-kms";
import fc from "fast-check";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { KeyDocument } from "../../../functions/federation/signing/key-document.ts";
import { kmsSigner } from "../../../functions/federation/signing/kms-signer.ts";
import { type KeyDocumentTable, keyDocumentTable } from "../../../functions/federation/store/key-document-table.ts";
import { issueToken } from "../../../functions/federation/token/issue-token.ts";
import { type KeyMaker, kmsKeyMaker } from "../../../functions/signing-keys/key-maker.ts";
import {
  dueStep,
  PUBLISHED_AFTER,
  PUBLISHED_BEFORE,
  SIGNING_PERIOD,
} from "../../../functions/signing-keys/next-document.ts";
import { rotateKeys } from "../../../functions/signing-keys/rotate-keys.ts";
import { SYSTEM_CLOCK } from "../../../local/cloud/clock.ts";
import { type Endpoint, startEndpoint } from "../../../local/cloud/endpoint.ts";
import { Faults } from "../../../local/cloud/faults.ts";
import { KeyService } from "../../../local/cloud/kms/key-service.ts";
import { createTable, type DynamoDb, useDynamoDb } from "../../../local/stage/database.ts";
import type { SallyportEvent } from "../../../shared/domain/events/events.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { NOW, user } from "../../fixtures.ts";

let database: DynamoDb;
const kms = new KeyService();
let endpoint: Endpoint;
let keys: KeyMaker;
let table: KeyDocumentTable;
let events: SallyportEvent[];

beforeAll(async () => {
  database = await useDynamoDb();
  const { operations } = kms;
  endpoint = await startEndpoint({
    operations,
    other: () => undefined,
    faults: new Faults(),
    clock: SYSTEM_CLOCK,
    port: 0,
  });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = database.endpoint;
  process.env.AWS_ENDPOINT_URL_KMS = endpoint.url;
  keys = kmsKeyMaker("stack");
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_DYNAMODB;
  delete process.env.AWS_ENDPOINT_URL_KMS;
  await Promise.all([database.close(), endpoint.close()]);
});
beforeEach(async () => {
  const name = `login-${randomUUID()}`;
  await createTable(database.endpoint, tableDefinition(name));
  table = keyDocumentTable(name);
  events = [];
});

const put = async (event: SallyportEvent) => {
  events.push(event);
};
const run = (now: number, isForced = false, tools = {}) => rotateKeys({ keys, table, put, ...tools }, now, isForced);

test("a key is published hours before it signs, and hours after", async () => {
  expect(await run(NOW)).toMatchObject({ step: "make" });
  const first = (await table.read()).current.kid;
  expect(await run(NOW + 60)).toMatchObject({ step: "make", current: first });
  const { next } = await table.read();
  expect(await run(NOW + SIGNING_PERIOD - 1)).toMatchObject({ step: "none", current: first });
  expect(await run(NOW + SIGNING_PERIOD)).toMatchObject({ step: "rotate", current: next?.kid });
  expect(events).toMatchObject([{ name: "SigningKeyRotated", detail: { keyId: next?.kid, previousKeyId: first } }]);
  expect(await table.read()).toMatchObject({ current: { kid: next?.kid }, previous: { kid: first } });
  await run(NOW + SIGNING_PERIOD + 60);
  await run(NOW + SIGNING_PERIOD + PUBLISHED_AFTER - 1);
  expect((await table.read()).previous?.kid).toBe(first);
  const before = kms.enabled.length;
  expect(await run(NOW + SIGNING_PERIOD + PUBLISHED_AFTER)).toMatchObject({ step: "retire" });
  expect((await table.read()).previous).toBeUndefined();
  expect(kms.enabled).toHaveLength(before - 1);
  expect(new Set(events.map(({ detail }) => detail.id)).size).toBe(1);
});

test("a forced rotation does not wait for the period, but for the verifiers", async () => {
  await run(NOW);
  await run(NOW);
  expect(await run(NOW + PUBLISHED_BEFORE - 1, true)).toMatchObject({ step: "none" });
  expect(await run(NOW + PUBLISHED_BEFORE, true)).toMatchObject({ step: "rotate" });
});

test("of runs at a time one makes the key, and no other key is left but the table's spare", async () => {
  const before = kms.enabled;
  const results = await Promise.all([run(NOW), run(NOW), run(NOW)]);
  expect(results.filter(({ step }) => step === "make")).toHaveLength(1);
  const { current } = await table.read();
  const spare = await table.findSpare();
  const made = kms.enabled.filter((key) => !before.includes(key));
  expect(new Set(made)).toEqual(new Set([current.kmsKey, ...(spare === undefined ? [] : [spare])]));
});

test("the key of a run that another overtook is the next one", async () => {
  const overtaken = {
    ...table,
    findSpare: async () => {
      const spare = await table.findSpare();
      await run(NOW);
      return spare;
    },
  };
  expect(await run(NOW, false, { table: overtaken })).toMatchObject({ step: "lost" });
  const [spare, before] = [await table.findSpare(), kms.enabled.length];
  expect(await run(NOW + 60)).toMatchObject({ step: "make" });
  expect((await table.read()).next?.kmsKey).toBe(spare);
  expect(kms.enabled).toHaveLength(before);
});

test("a change whose answer is lost leaves its key alone", async () => {
  const lost = {
    ...table,
    replace: (document: KeyDocument) => table.replace(document).then(() => Promise.reject(new Error("lost"))),
  };
  const before = kms.enabled.length;
  expect(await run(NOW, false, { table: lost })).toMatchObject({ step: "make" });
  expect(kms.enabled).toHaveLength(before + 1);
});

test("an event that the bus does not take is told of by the next run", async () => {
  await run(NOW);
  await run(NOW);
  const broken = { put: () => Promise.reject(new Error("bus")) };
  await expect(run(NOW + SIGNING_PERIOD, false, broken)).rejects.toThrow("bus");
  await run(NOW + SIGNING_PERIOD + 3600);
  expect(events).toMatchObject([{ detail: { time: "2026-05-31T10:00:00Z" } }]);
});

test("whenever a run comes, what signs was published for three hours, and what signed stays for two", () => {
  const made = (kid: string, now: number) => ({
    ...{ kid, kmsKey: kid },
    jwk: { kty: "RSA" as const, n: "n", e: "e" },
    publishedAt: now,
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: SIGNING_PERIOD }), fc.boolean()), { maxLength: 60 }),
      (runs) => {
        let now = NOW;
        let known: KeyDocument | undefined;
        /** When each key was published first, and when it signed last. */
        const [published, signed] = [new Map<string, number>(), new Map<string, number>()];
        for (const [index, [pause, isForced]] of runs.entries()) {
          now += pause;
          if (known) signed.set(known.current.kid, now);
          const due = dueStep(known, now, isForced);
          if (due.step !== "none") known = due.step === "make" ? due.document(made(`k${index}`, now)) : due.document;
          const listed = [known?.current, known?.next, known?.previous].flatMap((key) => key?.kid ?? []);
          for (const kid of listed) if (!published.has(kid)) published.set(kid, now);
          if (due.step === "rotate")
            expect(now - (published.get(due.document.current.kid) ?? now)).toBeGreaterThanOrEqual(PUBLISHED_BEFORE);
          for (const [kid, last] of signed) if (now - last < PUBLISHED_AFTER) expect(listed).toContain(kid);
        }
      },
    ),
  );
});

describe("tokens that KMS signs", () => {
  const client = {
    ...{ id: "web", redirectUris: [], authentication: "none", grants: ["authorization_code"] },
  } as unknown as Parameters<typeof issueToken>[0]["client"];
  const subject = { source: "acme", principal: user({ expiresAt: NOW + 300 }) };

  test("verify with the published keys, before and after a rotation", async () => {
    await run(NOW);
    await run(NOW);
    const issue = async () => {
      const signer = kmsSigner(table.read);
      const request = { ...{ tokenId: "id", client, resource: "https://api.example.com", scopes: undefined }, subject };
      const config = { issuer: "https://login.example.com", tokenLifetime: 600 } as never;
      const services = {
        config,
        signer,
        entitlements: undefined,
        routes: [],
        merge: { scopes: "intersection" as const },
      };
      return {
        token: (await issueToken(request, NOW, services)).access_token,
        published: await signer.published(),
      };
    };
    const first = await issue();
    await run(NOW + SIGNING_PERIOD);
    const second = await issue();
    const currentDate = new Date(NOW * 1000);
    for (const token of [first.token, second.token]) {
      const keySet = createLocalJWKSet({ keys: [...second.published] });
      expect((await jwtVerify(token, keySet, { currentDate })).payload.sub).toBe("acme:alice");
    }
    await expect(
      jwtVerify(second.token, createLocalJWKSet({ keys: first.published.slice(0, 1) }), { currentDate }),
    ).rejects.toThrow();
  });

  test("the stand-in signs a digest as it is: not hashed once more", async () => {
    const { kmsKey, jwk } = await keys.read(await keys.create());
    const text = Buffer.from("text");
    const { Signature = new Uint8Array() } = await new KMSClient({}).send(
      new SignCommand({
        ...{ KeyId: kmsKey, MessageType: "DIGEST", SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" },
        Message: createHash("sha256").update(text).digest(),
      }),
    );
    const publicKey = createPublicKey({ key: jwk, format: "jwk" });
    expect(verify("sha256", text, publicKey, Signature)).toBe(true);
  });
});
