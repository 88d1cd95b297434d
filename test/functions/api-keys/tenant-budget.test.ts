import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { changesOf, dynamoDbTenantBudget, WINDOW } from "../../../functions/api-keys/rights/tenant-budget.ts";
import type { Caller } from "../../../shared/domain/caller/caller.ts";
import { NOW } from "../../fixtures.ts";
import { acme, createHarness, type Harness, operator } from "./harness.ts";

/** How many changes the administrators of one tenant make. */

const CHANGES = 3;

let api: Harness;
beforeAll(async () => {
  api = await createHarness();
});
afterAll(() => api.close());

/** Two administrators of one tenant, another one in each test, and one of another tenant. */
let alice: Caller;
let bob: Caller;
let other: Caller;
let tests = 0;
beforeEach(() => {
  vi.setSystemTime(NOW * 1000);
  alice = { ...acme, tenant: `tenant-${tests++}` };
  bob = { ...alice, subject: "bob" };
  other = { ...acme, tenant: `tenant-${tests++}` };
});

const limited = () => ({ budget: dynamoDbTenantBudget(api.activity, CHANGES) });
const issue = (as = alice) => api.send("POST /keys", undefined, { body: { name: "n" }, as }, limited());
async function spend(): Promise<void> {
  for (let n = 0; n < CHANGES; n++) expect((await issue(n === 0 ? bob : alice)).status).toBe(201);
}

test("a tenant's administrators together make a number of changes in ten minutes, and then 429 says when they go on", async () => {
  await spend();
  const { status, headers, body } = await issue();
  expect([status, body.type]).toEqual([429, "urn:sallyport:problem:too-many-changes"]);
  expect(headers["Retry-After"]).toBe(String(WINDOW - (NOW % WINDOW)));
  expect((await issue(bob)).status).toBe(429);
  vi.setSystemTime((NOW + WINDOW) * 1000);
  expect((await issue()).status).toBe(201);
});

test("other tenants and operators are not held up by it", async () => {
  await spend();
  expect([(await issue(other)).status, (await issue(operator)).status]).toEqual([201, 201]);
  for (let n = 0; n < CHANGES; n++) expect((await issue(operator)).status).toBe(201);
});

describe("beyond the budget", () => {
  test.each([
    ["an update", "PATCH /keys/{id}", { name: "m" }],
    ["a rotation", "POST /keys/{id}/rotate", { grace: 0 }],
    ["the end of a suspension", "POST /keys/{id}/enable", {}],
  ])("%s is refused, and changes nothing", async (_, route, body) => {
    const { id } = await api.issue({ tenant: alice.tenant as string, expiresIn: 86_400 });
    const { headers: suspended } = await api.send("POST /keys/{id}/disable", id, { as: alice });
    await spend();
    const before = await api.record(id);
    const sent = { body, as: alice, headers: { "if-match": suspended.ETag ?? "" } };
    expect((await api.send(route, id, sent, limited())).status).toBe(429);
    expect(await api.record(id)).toEqual(before);
  });

  test("keys are suspended, revoked and deleted at once, also if the table of budgets is down", async () => {
    const { id } = await api.issue({ tenant: alice.tenant as string, expiresIn: 86_400 });
    await spend();
    const down = { budget: { take: () => Promise.reject(new Error("down")) } };
    for (const action of ["disable", "revoke"]) {
      expect((await api.send(`POST /keys/{id}/${action}`, id, { as: alice }, down)).status).toBe(200);
    }
    const sent = { as: alice, headers: { "if-match": '"3"' } };
    expect((await api.send("DELETE /keys/{id}", id, sent, down)).status).toBe(204);
  });

  test("a request can be repeated later with the same Idempotency-Key", async () => {
    await spend();
    const sent = { body: { name: "n" }, as: alice, headers: { "idempotency-key": "one" } };
    expect((await api.send("POST /keys", undefined, sent, limited())).status).toBe(429);
    vi.setSystemTime((NOW + WINDOW) * 1000);
    expect((await api.send("POST /keys", undefined, sent, limited())).status).toBe(201);
    expect((await api.send("POST /keys", undefined, sent, limited())).body).toMatchObject({ repeated: true });
  });
});

test("what is refused for another reason costs nothing", async () => {
  const excess = { body: { name: "n", scopes: ["admin"] }, as: alice };
  for (let n = 0; n < CHANGES; n++)
    expect((await api.send("POST /keys", undefined, excess, limited())).status).toBe(403);
  await spend();
});

test("without the table of budgets nothing is given", async () => {
  const down = { budget: { take: () => Promise.reject(new Error("down")) } };
  expect((await api.send("POST /keys", undefined, { body: { name: "n" }, as: alice }, down)).status).toBe(503);
});

test.each(["0", "-1", "1.5", "x", "1000000"])("SALLYPORT_TENANT_CHANGES=%s stops the start", (text) => {
  expect(() => changesOf(text)).toThrow("SALLYPORT_TENANT_CHANGES");
});

test("the default is 60", () => expect(changesOf()).toBe(60));
