import { randomUUID } from "node:crypto";
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanCommand,
  GetApiKeysCommand,
  GetUsagePlanKeysCommand,
} from "@aws-sdk/client-api-gateway";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { inProcess } from "../cli/in-process.ts";
import { configOf } from "../fixtures.ts";
import { createKeyTableFixture } from "../providers/api-key/fixture.ts";
import { MOTO, MOTO_ENVIRONMENT } from "./moto.ts";

/** `sallyport usage sync` through the client of API Gateway, against moto. */
describe.skipIf(!MOTO)("with moto", () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(MOTO_ENVIRONMENT)) vi.stubEnv(name, value);
    vi.stubEnv("AWS_PROFILE", undefined);
  });

  test("usage sync creates API Gateway keys, moves them, and deletes those that are left over; never those of others", async () => {
    const client = new APIGatewayClient({});
    const planned = async () => (await client.send(new CreateUsagePlanCommand({ name: randomUUID() }))).id ?? "";
    const [gold, silver] = [await planned(), await planned()];
    const name = `sallyport-${randomUUID()}`;
    const foreign = await client.send(new CreateApiKeyCommand({ name, enabled: true }));
    const table = await createKeyTableFixture();
    const { record } = await table.issue({ tenant: "acme" });

    const sync = (usagePlans: object[], ...argv: string[]) => {
      const config = async () => configOf({ apiKeys: { ...table.config, usagePlans } as never });
      return inProcess(["usage", "sync", ...argv], { config });
    };
    const members = async (usagePlanId: string) =>
      (await client.send(new GetUsagePlanKeysCommand({ usagePlanId }))).items?.map(({ value }) => value) ?? [];
    const stored = async () =>
      (await table.store.get(record.id, new AbortController().signal)).record?.usageIdentifierKey;

    const acme = [{ tenant: "acme", plan: gold }];
    expect(await sync(acme, "--check")).toMatchObject({ code: 1, stderr: "2 differences, 2 of them left.\n" });
    expect(await sync(acme)).toMatchObject({ code: 0, stderr: "2 differences, 0 of them left.\n" });
    expect(await sync(acme, "--check")).toMatchObject({ code: 0, stderr: "Nothing differs.\n" });
    expect(await members(gold)).toEqual([await stored()]);

    expect(await sync([{ tenant: "acme", plan: silver }])).toMatchObject({ code: 0 });
    expect([await members(gold), await members(silver)]).toEqual([[], [await stored()]]);

    const { stdout } = await sync([], "--json");
    expect(JSON.parse(stdout).drift).toMatchObject([{ kind: "wrong_record" }, { kind: "left_over_key" }]);
    expect(await stored()).toBeUndefined();
    const { items = [] } = await client.send(new GetApiKeysCommand({}));
    expect(items.map(({ id }) => id)).toContain(foreign.id);
    expect(items.filter(({ tags }) => tags?.["sallyport:deployment"] === table.config.table)).toEqual([]);
  }, 60_000);
});
