import { expect, test } from "vitest";
import type { SallyportEvent } from "../../../../shared/domain/events/events.ts";
import { eventBus } from "../../../../shared/infrastructure/event-bus/event-bus.ts";
import { jsonService, type ServiceAnswer } from "../aws/json-service.ts";

const events = (count: number): SallyportEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    name: "KeyIssued",
    detail: {
      ...{ id: `${index}`, schemaVersion: 1, time: "2026-03-02T10:00:00Z" },
      key: { id: `key-${index}`, version: 1, status: "active" },
    },
  }));
const taken = (entries: unknown): ServiceAnswer => ({
  body: { FailedEntryCount: 0, Entries: (entries as unknown[]).map((_, index) => ({ EventId: `e${index}` })) },
});

test("puts events on the bus of the name, ten in a request", async () => {
  const { calls } = await jsonService("AWS_ENDPOINT_URL_EVENTBRIDGE", ({ body }) => taken(body.Entries));
  expect(await eventBus("company").put(events(23))).toEqual(Array(23).fill(undefined));
  expect(calls.map(({ operation }) => operation)).toEqual(["PutEvents", "PutEvents", "PutEvents"]);
  const entries = calls.flatMap(({ body }) => body.Entries as { EventBusName: string; Detail: string }[]);
  expect(new Set(entries.map(({ EventBusName }) => EventBusName))).toEqual(new Set(["company"]));
  const ids = entries.map(({ Detail }) => Number(JSON.parse(Detail).id));
  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, index) => index));
});

test("an event that the bus did not take has an error with the bus's word, and the others have none", async () => {
  await jsonService("AWS_ENDPOINT_URL_EVENTBRIDGE", () => ({
    body: { FailedEntryCount: 1, Entries: [{ EventId: "1" }, { ErrorCode: "ThrottlingException" }, { EventId: "3" }] },
  }));
  const [first, second, third] = await eventBus("company").put(events(3));
  expect([first, third]).toEqual([undefined, undefined]);
  expect(second?.name).toBe("ThrottlingException");
});

test.each<[string, ServiceAnswer]>([
  ["a refusal of the request", { status: 400, body: { __type: "AccessDeniedException" } }],
  ["an answer without results", { body: {} }],
  ["an answer with fewer results than events", { body: { Entries: [{ EventId: "1" }] } }],
  ["no answer", "reset"],
])("%s is an error of the events, and no exception", async (_, answer) => {
  await jsonService("AWS_ENDPOINT_URL_EVENTBRIDGE", () => answer);
  const errors = await eventBus("company").put(events(2));
  expect(errors).toHaveLength(2);
  expect(errors[1]).toBeInstanceOf(Error);
});

test("a request that failed in passing is made again", async () => {
  let count = 0;
  const { calls } = await jsonService("AWS_ENDPOINT_URL_EVENTBRIDGE", ({ body }) =>
    count++ === 0 ? { status: 500, body: { __type: "InternalException" } } : taken(body.Entries),
  );
  expect(await eventBus("company").put(events(1))).toEqual([undefined]);
  expect(calls).toHaveLength(2);
});
