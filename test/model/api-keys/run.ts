import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { NOW } from "../../fixtures.ts";
import { type Key, type Operation, type Outcome, outcomeOf } from "./key.ts";
import { list, look, type Subject } from "./look.ts";
import { expectKey, expectShown, instant } from "./shown.ts";
import type { Step } from "./steps.ts";
import type { World } from "./world.ts";

/** Goes through the steps with the code, and compares each answer with the model. */
export async function run(world: World, steps: readonly Step[]): Promise<void> {
  const owner = randomUUID();
  let now = NOW;
  world.at(now);
  const subjects = [await issued(world, owner), await issued(world, owner)];
  let file: { text: string; keys: readonly Key[] } | undefined;
  for (const step of steps) {
    const subject = subjects[step.on] as Subject;
    if (step.do === "wait") {
      const limit = step.to === "end" ? subject.key.expiresAt : subject.key.previous?.until;
      now = Math.max(now, (step.to === "now" ? now : (limit ?? now)) + step.plus);
      world.at(now);
    } else if (step.do === "operation") await operate(world, subject, step.operation, now);
    else if (step.do === "race") await race(world, subject, step.operations, now);
    else if (step.do === "export") {
      file = { text: await world.exported(subjects.map(({ id }) => id)), keys: subjects.map(({ key }) => key) };
    } else if (file) await transfer(world, subject, { file, now, restores: step.restores, on: step.on });
    await look(world, subject, now);
  }
  await list(world, owner, subjects, now);
}

async function issued(world: World, owner: string): Promise<Subject> {
  const { body, status } = await world.send("POST /keys", undefined, { body: { name: "first", owner } });
  expect(status).toBe(201);
  const key: Key = { version: 1, status: "active", isDeleted: false, name: "first", createdAt: NOW, current: 0 };
  expectKey(body, key, NOW);
  return { id: String(body.id), secrets: [String(body.secret)], eventIds: new Set(), key };
}

type Told = Awaited<ReturnType<World["eventsDuring"]>>["told"];

function expectEvent(told: Told, subject: Subject, { event, key }: Outcome, now: number): void {
  expect(told?.events.map(({ name }) => name) ?? []).toEqual(event ? [event.name] : []);
  const detail = told?.events[0]?.detail as (Record<string, unknown> & { key: Record<string, unknown> }) | undefined;
  if (!event || !detail) return;
  expect(detail.id).toMatch(new RegExp(`^${subject.id}:${key.version}:${event.name}:[0-9a-f]{12}$`));
  expect(subject.eventIds).not.toContain(detail.id);
  subject.eventIds.add(String(detail.id));
  expect(detail).toMatchObject({ schemaVersion: 1, time: instant(now), ...event.members });
  expectShown(detail.key, key, now);
  if (event.name !== "KeyIssued") expect(detail.by).toBe("https://id.example.com|olga");
  if (event.name !== "KeyIssued") expect(detail.why).toBe(event.name === "KeyDeleted" ? undefined : "r");
  if (event.mustFlush) expect(["flush", told?.needsFlush]).toEqual(["flush", true]);
}

async function operate(world: World, subject: Subject, operation: Operation, now: number): Promise<void> {
  const expected = outcomeOf(subject.key, operation, now, subject.secrets.length);
  const { version } = subject.key;
  const act = () => world.operate(subject.id, operation, version);
  const { result, told } = await world.eventsDuring(subject.id, now, act);
  expect([operation.kind, expected.statuses]).toEqual([operation.kind, expect.arrayContaining([result.status])]);
  if (result.status === 412) expect(result.body.current).toMatchObject({ version });
  if (result.status === 201) subject.secrets.push(String(result.body.secret));
  if (result.status === 200 || result.status === 201) expectKey(result.body, expected.key, now);
  expectEvent(told, subject, expected, now);
  subject.key = expected.key;
}

/** Two at once are as if one came after the other. */
async function race(world: World, subject: Subject, both: readonly [Operation, Operation], now: number) {
  const { id, key, secrets } = subject;
  const answers = await Promise.all(both.map((operation) => world.operate(id, operation, key.version)));
  for (const { status, body } of answers) if (status === 201) secrets.push(String(body.secret));
  const shown = await world.send("GET /keys/{id}", id);
  const orders = [
    [0, 1],
    [1, 0],
  ].map(([first = 0, second = 1]) => {
    const one = outcomeOf(key, both[first] as Operation, now, secrets.length - 1);
    const operation = both[second] as Operation;
    // The second one states the version that both read.
    const isOld = operation.match === "right" && one.key.version !== key.version;
    const two = outcomeOf(one.key, isOld ? { ...operation, match: "wrong" } : operation, now, secrets.length - 1);
    const statuses: (readonly number[])[] = [];
    statuses[first] = one.statuses;
    statuses[second] = two.statuses;
    return { statuses, key: two.key };
  });
  const fits = orders.filter(
    (order) =>
      answers.every(({ status }, n) => order.statuses[n]?.includes(status)) &&
      (order.key.isDeleted ? shown.status === 404 : order.key.version === shown.body.version),
  );
  const found = { statuses: answers.map(({ status }) => status), version: shown.body.version };
  expect(fits.length, JSON.stringify({ both, key, found, orders })).toBeGreaterThan(0);
  subject.key = fits[0]?.key ?? key;
}

interface Transfer {
  readonly file: { readonly text: string; readonly keys: readonly Key[] };
  readonly now: number;
  readonly restores: boolean;
  readonly on: number;
}

/** Takes one line of the file. */
async function transfer(world: World, subject: Subject, { file, now, restores, on }: Transfer): Promise<void> {
  const { id, key } = subject;
  const lines = file.text.split("\n").filter((line, n) => n === 0 || line.includes(id));
  expect(lines).toHaveLength(2);
  const { result, told } = await world.eventsDuring(id, now, () => world.imported(lines.join("\n"), restores));
  const kept = file.keys[on] as Key;
  const isRestored = key.isDeleted && !kept.isDeleted && restores;
  const restored = { ...kept, version: key.version + 1 };
  const event = { name: "KeyIssued", members: {}, mustFlush: false };
  const expected: Outcome = isRestored ? { statuses: [], key: restored, event } : { statuses: [], key };
  const { added, same, different, deleted, damaged } = result;
  expect(damaged).toEqual([]);
  if (isRestored) expect(added).toBe(1);
  else if (key.isDeleted && !kept.isDeleted) expect(deleted).toMatchObject([{ id }]);
  else if (!key.isDeleted && !kept.isDeleted && kept.version === key.version)
    expect([same, different]).toEqual([1, []]);
  else if (!key.isDeleted && !kept.isDeleted) expect(different).toMatchObject([{ id }]);
  else expect(added).toBe(0);
  expectEvent(told, subject, expected, now);
  subject.key = expected.key;
}
