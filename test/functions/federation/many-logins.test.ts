import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHarness, type Harness } from "./harness.ts";

let login: Harness;
beforeAll(async () => {
  login = await createHarness();
});
afterAll(() => login.close());

/** Requests that are answered at the same time: one process stands for as many instances, in front of one small table. */
const AT_ONCE = 20;

async function each<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const work = async () => {
    for (const [index, item] of waiting) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

test("two hundred logins at once lose none and confuse none", async () => {
  const people = Array.from({ length: 200 }, (_, number) => `person-${number}`);
  // All begin before the first answer comes, and the answers come in another order.
  const begun = await each(people, async (subject) => ({ subject, login: await login.begin() }));
  const codes = await each(begun.toReversed(), async ({ subject, login: own }) => {
    const answer = await login.post(own, login.respond(own, { subject }));
    return { subject, code: answer.to.get("code") ?? "", verifier: own.verifier };
  });
  expect(new Set(codes.map(({ code }) => code)).size).toBe(200);
  const tokens = await each(codes, async ({ subject, ...code }) => {
    const { json } = await login.redeem(code);
    return [subject, decodeJwt(String(json.access_token)).sub];
  });
  expect(tokens).toEqual(codes.map(({ subject }) => [subject, `acme:${subject}`]));
  expect(login.events.map(({ name }) => name)).toEqual(people.map(() => "LoginSucceeded"));
}, 120_000);
