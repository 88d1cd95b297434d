import fc from "fast-check";
import { expect, test } from "vitest";
import { type Delivery, deliver } from "../../../functions/key-events/deliver.ts";
import { fakeBus } from "./fake-bus.ts";

const delivery = (keyId: string, version: number): Delivery => ({
  keyId,
  event: {
    name: "KeyRotated",
    detail: {
      ...{ id: `${keyId}:${version}:KeyRotated`, schemaVersion: 1, time: "2026-03-02T10:00:00Z" },
      key: { id: keyId, version, status: "active" },
    },
  },
});
const pauses: number[] = [];
const pause = async (milliseconds: number) => void pauses.push(milliseconds);
const idsOf = (deliveries: Iterable<Delivery>) => [...deliveries].map(({ event }) => event.detail.id);

test("the first events of all keys go together, the later ones of a key after it", async () => {
  const bus = fakeBus();
  const deliveries = [delivery("a", 1), delivery("b", 1), delivery("a", 2), delivery("a", 3)];
  expect(await deliver(deliveries, bus, pause)).toEqual(new Map());
  expect(bus.requests).toEqual([2, 1, 1]);
});

test("an event that the bus refuses in passing is put again, and the later ones of its key wait", async () => {
  const bus = fakeBus(({ detail }, attempt) => detail.id === "a:1:KeyRotated" && attempt < 3);
  pauses.length = 0;
  await deliver([delivery("a", 1), delivery("a", 2), delivery("b", 1)], bus, pause);
  expect(bus.taken.map(({ detail }) => detail.id)).toEqual(["b:1:KeyRotated", "a:1:KeyRotated", "a:2:KeyRotated"]);
  expect(pauses).toEqual([200, 400]);
});

test("after three attempts an event has failed, with the later ones of its key, and no other", async () => {
  const bus = fakeBus(({ detail }) => detail.id === "a:2:KeyRotated");
  const failed = await deliver(
    [delivery("a", 1), delivery("a", 2), delivery("a", 3), delivery("b", 1), delivery("b", 2)],
    bus,
    pause,
  );
  expect(idsOf(failed.keys())).toEqual(["a:2:KeyRotated", "a:3:KeyRotated"]);
  expect(failed.values().next().value?.message).toBe("refused");
  expect(bus.requests).toEqual([2, 2, 1, 1]);
});

test("whatever the bus refuses: every event is either taken once or has failed, and each key's are in order", async () => {
  const keys = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
  const refusals = fc.infiniteStream(fc.boolean());
  await fc.assert(
    fc.asyncProperty(keys, refusals, async (order, refused) => {
      const versions = new Map<string, number>();
      const deliveries = order.map((key) => {
        versions.set(key, (versions.get(key) ?? 0) + 1);
        return delivery(key, versions.get(key) ?? 0);
      });
      const bus = fakeBus(() => refused.next().value === true);
      const failed = await deliver(deliveries, bus, pause);
      const taken = bus.taken.map(({ detail }) => detail.id);
      expect([...taken, ...idsOf(failed.keys())].sort()).toEqual(idsOf(deliveries).sort());
      for (const key of ["a", "b", "c"]) {
        const all = idsOf(deliveries.filter(({ keyId }) => keyId === key));
        // What a key's events lack is at their end.
        expect(taken.filter((id) => id.startsWith(key))).toEqual(
          all.slice(0, taken.filter((id) => id.startsWith(key)).length),
        );
      }
    }),
  );
});
