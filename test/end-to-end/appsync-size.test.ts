import { afterAll, beforeAll, expect, test } from "vitest";
import type { Issuers } from "../../local/stage/issuers.ts";
import { eventFor } from "../../local/stage/scenarios.ts";
import { startWorld, type World } from "../../local/stage/world.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { filler } from "./filler.ts";
import { host, missing } from "./host-under-test.ts";

/** AppSync caches answers of up to 1 MB. Only a schema with very many fields gets near this limit. */
const MAX_LENGTH = 1_048_575;

let world: World;
beforeAll(async () => {
  const fields = Array.from({ length: 7700 }, (_, index) => `Query.${`f${index}_`.padEnd(126, "x")}`);
  const adjust = (config: SallyportConfig) => ({
    ...config,
    appSync: { fields: [...(config.appSync?.fields ?? []), ...fields] },
  });
  if (!missing) world = await startWorld({ host, adjust });
});
afterAll(() => world?.close());

async function sized(length: number) {
  const attributes = filler(length);
  const scenario = {
    kind: "test",
    title: "test",
    outcome: "allow",
    headers: async (by: Issuers) => ({
      Authorization: `ApiKey ${await by.apiKey({ scopes: ["orders:read"], attributes })}`,
    }),
  } as const;
  const time = Math.floor(Date.now() / 1000);
  return world.authorizer.invoke(await eventFor(scenario, world.issuersAt(time), time, { api: "appsync" }));
}

test.skipIf(missing)("an answer of 1 MB passes, and one byte more gives unavailable", async () => {
  const room = MAX_LENGTH - JSON.stringify((await sized(0)).result).length;
  expect(JSON.stringify((await sized(room)).result)).toHaveLength(MAX_LENGTH);
  const { error, log } = await sized(room + 1);
  expect(error).toBe("unavailable");
  expect(log).toContainEqual(expect.objectContaining({ outcome: "unavailable", reason: "policy_too_large" }));
});
