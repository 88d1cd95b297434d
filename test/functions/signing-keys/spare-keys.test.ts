import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { KeyDocument } from "../../../functions/federation/signing/key-document.ts";
import { kmsSigner } from "../../../functions/federation/signing/kms-signer.ts";
import { type KeyDocumentTable, keyDocumentTable } from "../../../functions/federation/store/key-document-table.ts";
import { createHandler } from "../../../functions/signing-keys/create-handler.ts";
import { kmsKeyMaker } from "../../../functions/signing-keys/key-maker.ts";
import { SIGNING_PERIOD } from "../../../functions/signing-keys/next-document.ts";
import { rotateKeys } from "../../../functions/signing-keys/rotate-keys.ts";
import { AwsError } from "../../../local/cloud/aws-error.ts";
import { SYSTEM_CLOCK } from "../../../local/cloud/clock.ts";
import { type Endpoint, startEndpoint } from "../../../local/cloud/endpoint.ts";
import { Faults } from "../../../local/cloud/faults.ts";
import { KeyService } from "../../../local/cloud/kms/key-service.ts";
import { createTable, type DynamoDb, useDynamoDb } from "../../../local/stage/database.ts";
import type { SallyportEvent } from "../../../shared/domain/events/events.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { NOW } from "../../fixtures.ts";

/** Seconds between two runs. */
const HOUR = 3600;

let database: DynamoDb;
let kms: KeyService;
let endpoint: Endpoint;
let table: KeyDocumentTable;
let events: SallyportEvent[];
/** Operations on keys that AWS KMS refuses, since it does not count the tag yet. */
let refused: { operation: string; times: number };

beforeAll(async () => {
  database = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = database.endpoint;
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_DYNAMODB;
  await database.close();
});
beforeEach(async () => {
  kms = new KeyService();
  refused = { operation: "", times: 0 };
  const operations = Object.fromEntries(
    Object.entries(kms.operations).map(([name, operation]) => [
      name,
      (...given: Parameters<typeof operation>) => {
        const isRefused = new RegExp(`\\.(${refused.operation})$`).test(name) && refused.times-- > 0;
        if (isRefused) throw new AwsError("AccessDeniedException", "The tag does not count yet.");
        return operation(...given);
      },
    ]),
  );
  const rest = { other: () => undefined, faults: new Faults(), clock: SYSTEM_CLOCK, port: 0 };
  endpoint = await startEndpoint({ operations, ...rest });
  process.env.AWS_ENDPOINT_URL_KMS = endpoint.url;
  const name = `login-${randomUUID()}`;
  await createTable(database.endpoint, tableDefinition(name));
  table = keyDocumentTable(name);
  events = [];
});
afterEach(async () => {
  delete process.env.AWS_ENDPOINT_URL_KMS;
  await endpoint.close();
});

const tools = (changed: Partial<KeyDocumentTable> = {}) => ({
  keys: kmsKeyMaker("stack", [0, 0, 0]),
  table: { ...table, ...changed },
  put: async (event: SallyportEvent) => {
    events.push(event);
  },
});
const run = (now: number, changed: Partial<KeyDocumentTable> = {}) => rotateKeys(tools(changed), now, false);
const signs = () => kmsSigner(table.read).sign((kid) => `x.${kid}`);
const end = async (key: { kmsKey: string } | undefined) => kmsKeyMaker("stack").end(key?.kmsKey ?? "");

/** Listens to the log, until its end. */
function heard() {
  const told: string[] = [];
  const note = (text: unknown) => told.push(String(text)) > 0;
  const spies = [
    ...[process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(note)),
    ...(["info", "error", "log"] as const).map((level) => vi.spyOn(console, level).mockImplementation(note)),
  ];
  return {
    end() {
      for (const spy of spies) spy.mockRestore();
      return told.join("\n");
    },
  };
}

describe("a write of the document whose answer does not come", () => {
  /** Its write, which lands when it is called. */
  let land: () => Promise<unknown>;
  const late: Partial<KeyDocumentTable> = {
    replace(document: KeyDocument, spare) {
      land = () => table.replace(document, spare);
      return Promise.reject(new Error("timeout"));
    },
  };

  test("lands after the run has ended: the key that it names signs", async () => {
    await expect(run(NOW, late)).rejects.toThrow("timeout");
    expect(await land()).toBe(true);
    await signs();
    await run(NOW + HOUR);
    await signs();
    // The key that signs, and the next one: none that nobody knows of.
    expect(kms.enabled).toHaveLength(2);
  });

  test("lands after the next run: that one has used the same key, and the write changes nothing", async () => {
    await expect(run(NOW, late)).rejects.toThrow("timeout");
    expect(await run(NOW + HOUR)).toMatchObject({ step: "make" });
    const document = await table.read();
    expect(await land()).toBe(false);
    expect(await table.read()).toEqual(document);
    expect(kms.enabled).toHaveLength(1);
    await signs();
  });

  test("never lands: the next run uses the key", async () => {
    await expect(run(NOW, late)).rejects.toThrow("timeout");
    await run(NOW + HOUR);
    expect(kms.enabled).toHaveLength(1);
    await signs();
  });

  test("of a next key, lands after the next run", async () => {
    await run(NOW);
    await expect(run(NOW + HOUR, late)).rejects.toThrow("timeout");
    await run(NOW + 2 * HOUR);
    expect(await land()).toBe(false);
    expect(kms.enabled).toHaveLength(2);
    expect(await run(NOW + SIGNING_PERIOD)).toMatchObject({ step: "rotate" });
    await signs();
  });
});

describe("a tag that counts late", () => {
  test("is waited for within the run", async () => {
    refused = { operation: "GetPublicKey", times: 3 };
    expect(await run(NOW)).toMatchObject({ step: "make" });
    expect(kms.enabled).toHaveLength(1);
    await signs();
  });

  test("leaves one key, which the run after it uses: none is made for each run, and the first error is told", async () => {
    refused = { operation: "GetPublicKey|ScheduleKeyDeletion|DescribeKey", times: 1000 };
    for (const hour of [0, 1, 2]) {
      await expect(run(NOW + hour * HOUR)).rejects.toMatchObject({ name: "AccessDeniedException" });
    }
    expect(kms.enabled).toHaveLength(1);
    refused.times = 0;
    expect(await run(NOW + 3 * HOUR)).toMatchObject({ step: "make" });
    expect(kms.enabled).toHaveLength(1);
    await signs();
  });

  test("a key that cannot be remembered and not ended is named in the log", async () => {
    const log = heard();
    refused = { operation: "ScheduleKeyDeletion", times: 1000 };
    const broken = { keepSpare: () => Promise.reject(new Error("table")) };
    await expect(run(NOW, broken)).rejects.toThrow("table");
    expect(log.end()).toContain(kms.enabled[0]);
  });
});

test("a spare key that was ended by hand is not used", async () => {
  await expect(run(NOW, { replace: () => Promise.reject(new Error("timeout")) })).rejects.toThrow();
  await end({ kmsKey: (await table.findSpare()) ?? "" });
  await run(NOW + HOUR);
  expect(kms.enabled).toHaveLength(1);
  await signs();
});

describe("the current key cannot sign, because somebody ended it", () => {
  test("the next key signs at once, and what was signed stays valid", async () => {
    await run(NOW);
    await run(NOW + HOUR);
    const { current, next } = await table.read();
    await end(current);
    await expect(signs()).rejects.toMatchObject({ name: "KMSInvalidStateException" });
    expect(await run(NOW + 2 * HOUR)).toEqual({ step: "rotate", current: next?.kid, dead: current.kid });
    await signs();
    expect(await table.read()).toMatchObject({ current: { kid: next?.kid }, previous: { kid: current.kid } });
    expect(events).toMatchObject([{ name: "SigningKeyRotated", detail: { keyId: next?.kid } }]);
    expect(await run(NOW + 3 * HOUR)).toMatchObject({ step: "make" });
  });

  test("and there is no next key: one is made, and signs at once", async () => {
    await run(NOW);
    const { current } = await table.read();
    await end(current);
    expect(await run(NOW + HOUR)).toMatchObject({ step: "make", dead: current.kid });
    await signs();
  });

  test("in the hours after a rotation: the key before it ends, as the document has place for one", async () => {
    await run(NOW);
    await run(NOW + HOUR);
    await run(NOW + SIGNING_PERIOD);
    await end((await table.read()).current);
    expect(await run(NOW + SIGNING_PERIOD + HOUR)).toMatchObject({ step: "make" });
    await signs();
    expect(kms.enabled).toHaveLength(1);
  });

  test("is an error in the log, and counts as a failed run", async () => {
    await run(NOW);
    await end((await table.read()).current);
    const log = heard();
    await createHandler(tools())({}, { awsRequestId: "1", functionName: "signing-keys" } as never);
    const text = log.end();
    expect(text).toContain("signing key cannot sign");
    expect(text).toContain("SigningKeysFailed");
  });
});

test("a next key that was ended by hand is made anew before its time comes", async () => {
  await run(NOW);
  await run(NOW + HOUR);
  await end((await table.read()).next);
  expect(await run(NOW + 2 * HOUR)).toMatchObject({ step: "make" });
  expect(await run(NOW + SIGNING_PERIOD)).toMatchObject({ step: "rotate" });
  await signs();
});
