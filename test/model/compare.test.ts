import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";
import { type Faults, plainSubject } from "./plain-subject.ts";
import { sallyport } from "./subject.ts";

/** `npm run fuzz` does the same for longer, with another seed each time. */
const SEED = 20_260_302;

test("Sallyport's policies allow what docs/policy.md says, at every instant, route and address", async () => {
  const { counts, differences } = await compare(SEED, 30_000, sallyport(), { most: 1 });
  expect(differences).toEqual([]);
  const { endedEarly: _, tooLarge: __, ...always } = counts;
  for (const [name, value] of Object.entries(always)) expect(value, name).toBeGreaterThan(0);
}, 60_000);

describe("the comparison", () => {
  test("finds no difference in a subject that follows the documentation", async () => {
    const { differences } = await compare(SEED, 10_000, plainSubject());
    expect(differences).toEqual([]);
  });

  test.each<[keyof Faults]>([
    ["firstIntervalOnly"],
    ["noSpellings"],
    ["noEnd"],
    ["noAddresses"],
    ["noEndpoints"],
    ["noAge"],
    ["endsEarly"],
  ])("finds the fault %s, and makes its example small", async (fault) => {
    const { differences } = await compare(SEED, 20_000, plainSubject({ [fault]: true }), { most: 1 });
    expect(differences.map(({ what }) => what)).toEqual(["use"]);
    expect(differences[0]?.config.routes.length).toBeLessThanOrEqual(2);
  });

  test("accepts that a policy too long for 8 KB ends when a window opens or closes", async () => {
    const { counts, differences } = await compare(SEED, 10_000, plainSubject({ endsEarly: true, long: true }));
    expect(differences).toEqual([]);
    expect(counts.endedEarly).toBeGreaterThan(0);
  });

  test("repeats for a seed", async () => {
    const [first, second] = await Promise.all([
      compare(SEED, 1000, plainSubject()),
      compare(SEED, 1000, plainSubject()),
    ]);
    expect(first).toEqual(second);
  });
});
