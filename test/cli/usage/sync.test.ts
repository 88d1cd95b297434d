import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syncUsage } from "../../../cli/usage/sync.ts";
import { configOf } from "../../fixtures.ts";
import { type FakeGateway, fakeGateway } from "../../functions/usage-sync/fixture.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { inProcess } from "../in-process.ts";

let table: KeyTableFixture;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());

async function sync(gateway: FakeGateway, options: { check?: boolean; json?: boolean } = {}) {
  let [stdout, stderr] = ["", ""];
  const usagePlans = [
    { tenant: "acme", plan: "gold" },
    { owner: "partners@example.com", plan: "none" },
  ];
  const io = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    config: async () => configOf({ apiKeys: { ...table.config, usagePlans } as never }),
  };
  const code = await syncUsage(options, io as never, async () => gateway);
  return { code, stdout, stderr };
}

describe("sallyport usage sync", () => {
  test("has no --local, and says why before anything is read", async () => {
    const { code, stderr } = await inProcess(["usage", "sync", "--local"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("the local stack has no API Gateway keys and usage")]);
  });

  test("shows what differs with --check, changes nothing and exits with 1; and mends it without", async () => {
    const gateway = fakeGateway("gold");
    const { record } = await table.issue({ tenant: "acme" });
    const found = [
      "found      tenant acme: no API Gateway key in plan gold",
      "found      owner partners@example.com: there is no usage plan none",
      `found      key ${record.id}: does not name the API Gateway key of tenant acme`,
    ];
    const checked = await sync(gateway, { check: true });
    expect(checked).toEqual({ code: 1, stdout: `${found.join("\n")}\n`, stderr: "3 differences, 3 of them left.\n" });
    expect(gateway.changes).toEqual([]);

    const { code, stdout, stderr } = await sync(gateway);
    expect([code, stderr]).toEqual([1, "3 differences, 1 of them left.\n"]);
    expect(stdout).toContain("impossible owner partners@example.com: there is no usage plan none");
    const { stdout: json } = await sync(gateway, { check: true, json: true });
    const subject = { kind: "owner", name: "partners@example.com" };
    expect(JSON.parse(json)).toEqual({ drift: [{ kind: "unknown_plan", subject, plan: "none", outcome: "found" }] });
  });

  test("prints no value of an API Gateway key", async () => {
    const gateway = fakeGateway("gold");
    const outputs = [await sync(gateway), await sync(gateway, { json: true, check: true })];
    expect(JSON.stringify(outputs)).not.toContain("value-of-");
  });

  test("says what to do if API Gateway does not answer", async () => {
    const list = () => Promise.reject(Object.assign(new Error("x"), { name: "AccessDeniedException" }));
    await expect(sync({ ...fakeGateway("gold"), list })).rejects.toThrow(/AccessDeniedException.+AWS credentials/s);
  });

  test("is a command that says what it takes", async () => {
    const { code, stdout } = await inProcess(["usage", "sync", "--help"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/--check.+--stack.+--json/s)]);
  });
});
