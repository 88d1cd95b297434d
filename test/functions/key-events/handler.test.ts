import type { DynamoDBBatchResponse, DynamoDBRecord } from "aws-lambda";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createHandler } from "../../../functions/key-events/create-handler.ts";
import type { FlushQueue } from "../../../functions/key-events/flush-queue.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { lambdaContext } from "../authorizer/lambda-context.ts";
import { type FakeBus, fakeBus } from "./fake-bus.ts";
import { changed, damaged, RECORD, streamRecord } from "./stream-record.ts";

const T = 1_772_445_600_000;

/** The log, which must not have a secret. */
const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  const keep = (...text: unknown[]) => void lines.push(text.join(" "));
  for (const name of ["log", "info", "warn", "error"] as const) vi.spyOn(console, name).mockImplementation(keep);
  const written = (text: string | Uint8Array) => lines.push(String(text)) > 0;
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(written);
  return () => vi.restoreAllMocks();
});

function setUp(bus: FakeBus = fakeBus(), request: FlushQueue["request"] = async () => {}) {
  const requests: number[] = [];
  const queue: FlushQueue = {
    async request(now, remembered) {
      requests.push(now);
      await request(now, remembered);
    },
  };
  const handler = createHandler({ bus, queue, remembered: 5, now: () => T, pause: async () => {} });
  const handle = (records: DynamoDBRecord[]): Promise<DynamoDBBatchResponse> =>
    handler({ Records: records }, lambdaContext());
  return { bus, requests, handle };
}

/** The id of an event without the mark of its change. */
const changeIn = ({ id }: { readonly id: string }) => id.split(":").slice(0, 3).join(":");

/** A place in the stream. */
const at = (place: number) => String(100 + place);
const rename = (place: number, id: string, version = 3) => {
  const before: KeyRecord = { ...RECORD, id, version };
  return streamRecord({ before, after: changed(before, { name: `Name ${version}` }), sequence: at(place) });
};
const revoke = (place: number, id: string) => {
  const before: KeyRecord = { ...RECORD, id };
  return streamRecord({ before, after: changed(before, { status: "revoked" }), sequence: at(place) });
};
const poison = (place: number, id = "poisoned") =>
  streamRecord({ before: { ...RECORD, id }, after: damaged({ ...RECORD, id }), sequence: at(place) });
const failures = ({ batchItemFailures }: DynamoDBBatchResponse) =>
  batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

test("every change of a batch is on the bus, and nothing has failed", async () => {
  const { bus, requests, handle } = setUp();
  expect(await handle([rename(1, "a"), rename(2, "b"), rename(3, "a", 4)])).toEqual({ batchItemFailures: [] });
  expect(bus.taken.map(({ detail }) => changeIn(detail))).toEqual([
    "a:4:KeyUpdated",
    "b:4:KeyUpdated",
    "a:5:KeyUpdated",
  ]);
  expect(requests).toEqual([]);
});

describe("flushes", () => {
  test("are asked for once, however many revocations a batch has", async () => {
    const { requests, handle } = setUp();
    await handle(Array.from({ length: 100 }, (_, index) => revoke(index, `key-${index}`)));
    expect(requests).toEqual([T]);
  });

  test("are asked for although the bus takes nothing: an outage there does not keep a revoked key alive", async () => {
    const { requests, handle } = setUp(fakeBus(() => true));
    expect(failures(await handle([revoke(1, "a")]))).toEqual([at(1)]);
    expect(requests).toEqual([T]);
  });

  test("that cannot be asked for fail the records that need them, and no others", async () => {
    const { bus, handle } = setUp(fakeBus(), async () => Promise.reject(new Error("throttled")));
    expect(failures(await handle([rename(1, "a"), revoke(2, "b"), rename(3, "c")]))).toEqual([at(2)]);
    expect(bus.taken).toHaveLength(3);
  });

  test("are not asked for where nothing is cached", async () => {
    const handler = createHandler({
      bus: fakeBus(),
      queue: undefined,
      remembered: 5,
      now: () => T,
      pause: async () => {},
    });
    expect(await handler({ Records: [revoke(1, "a")] }, lambdaContext())).toEqual({ batchItemFailures: [] });
  });
});

describe("a record that cannot be read", () => {
  test("fails alone, and those around it are on the bus", async () => {
    const { bus, requests, handle } = setUp();
    expect(failures(await handle([rename(1, "a"), poison(2), revoke(3, "b")]))).toEqual([at(2)]);
    expect(bus.taken.map(({ name }) => name)).toEqual(["KeyUpdated", "KeyRevoked"]);
    expect(requests).toEqual([T]);
  });

  test("is reported even if the whole batch is such records", async () => {
    const { handle } = setUp();
    expect(failures(await handle([poison(1), poison(2)]))).toEqual([at(1), at(2)]);
  });

  test("and has no place in the stream fails the whole batch, as the answer could not name it", async () => {
    const { handle } = setUp();
    const nameless = streamRecord({ before: RECORD, after: damaged(RECORD), sequence: "" });
    await expect(handle([rename(1, "a"), nameless])).rejects.toThrow();
  });

  test("is logged by its place, class of error and nothing of its item", async () => {
    const { handle } = setUp();
    await handle([poison(1)]);
    const text = lines.join("\n");
    expect(text).toContain('"sequenceNumber":"101"');
    expect(text).toContain('"cause":"UnreadableRecord"');
    expect(text).not.toContain(Buffer.from(RECORD.hash).toString("base64"));
    for (const secret of ["pepper-1", "gold", "orders:read"]) expect(text).not.toContain(secret);
  });
});

describe("an event that the bus does not take", () => {
  test("fails its record and the later ones of its key, so that the order of the key's events stays", async () => {
    const { bus, handle } = setUp(fakeBus(({ detail }) => changeIn(detail) === "a:4:KeyUpdated"));
    const answer = await handle([rename(1, "a"), rename(2, "b"), rename(3, "a", 4)]);
    expect(failures(answer)).toEqual([at(1), at(3)]);
    expect(bus.taken.map(({ detail }) => changeIn(detail))).toEqual(["b:4:KeyUpdated"]);
  });

  test("comes again with the batch: none is lost, and what comes twice has the same id", async () => {
    let isDown = true;
    const { bus, handle } = setUp(fakeBus(({ detail }) => isDown && detail.id.startsWith("a:")));
    const records = [rename(1, "b"), rename(2, "a"), revoke(3, "c"), rename(4, "a", 4)];
    const [first = ""] = failures(await handle(records));
    isDown = false;
    // Lambda repeats the first failure and everything after it.
    const rest = records.slice(records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === first));
    expect(failures(await handle(rest))).toEqual([]);
    const ids = bus.taken.map(({ detail }) => changeIn(detail));
    expect(ids).toEqual(["b:4:KeyUpdated", "c:4:KeyRevoked", "a:4:KeyUpdated", "c:4:KeyRevoked", "a:5:KeyUpdated"]);
  });
});

test("after a crash between the bus and the end of the batch, the same events come with the same ids", async () => {
  const { bus, handle } = setUp();
  const batch = [rename(1, "a"), revoke(2, "b")];
  await handle(batch);
  // The answer was lost: Lambda hands over the same records.
  await handle(structuredClone(batch));
  const ids = bus.taken.map(({ detail }) => changeIn(detail));
  expect(ids).toEqual(["a:4:KeyUpdated", "b:4:KeyRevoked", "a:4:KeyUpdated", "b:4:KeyRevoked"]);
  expect(bus.taken.slice(0, 2)).toEqual(bus.taken.slice(2));
});

test("the log counts events by name and has nothing of the records", async () => {
  const { handle } = setUp();
  await handle([revoke(1, "a"), rename(2, "b")]);
  const text = lines.join("\n");
  expect(text).toContain('"events":{"KeyRevoked":1,"KeyUpdated":1}');
  expect(text).toContain('"KeyEvents":2');
  for (const secret of ["pepper-1", "gold", Buffer.from(RECORD.hash).toString("base64")])
    expect(text).not.toContain(secret);
});
