import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { CloudRecord } from "../../../local/cloud/report.ts";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";
import { writeStackAccess } from "../../../local/stack/stack-access.ts";
import { inProcess } from "../../cli/in-process.ts";

/** The project's own functions, run by the events of its own template. */

const stackName = `test-${process.pid}-${Date.now()}`;
const told: CloudRecord[] = [];
let stack: LocalStack;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-project-"));
  stack = await startLocalStack({ template: "template.yaml", stackName, onCloud: (record) => told.push(record) });
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

/** Failures are in the message of a test that waits in vain. */
const failures = () => JSON.stringify(told.filter(({ kind }) => kind === "failure" || kind === "given up"));

/** Milliseconds after which no decision that was under way can be cached any more. */
const UNDER_WAY = 2000;

test("a revocation reaches the gateway's caches, also after decisions under way have ended, and the bus", async () => {
  vi.stubEnv("SALLYPORT_LOCAL", folder);
  const forget = await writeStackAccess(stack.access);
  const key = await (await fetch(`${stack.issuers}/api-key?scope=orders:read`)).text();
  const [, , id = ""] = key.split("_");
  const status = async () => {
    const headers = { Authorization: `ApiKey ${key}` };
    const { status } = await fetch(`${stack.gateway.urls.RestApi}/whoami`, { headers });
    return `${status} ${failures()}`;
  };
  // What follows from the key's own record comes first, so that the flushes below are of the revocation.
  await expect.poll(() => JSON.stringify(told), { timeout: 15_000 }).toContain(`"${id}:1:KeyIssued:`);
  expect(await status()).toBe("200 []");
  const before = told.length;
  const revoked = Date.now();
  expect(await inProcess(["keys", "revoke", id, "--yes", "--local"])).toMatchObject({ code: 0 });
  await expect.poll(status, { timeout: 15_000 }).toBe("401 []");
  const later = () => told.slice(before);
  // Where the first flush is that late, on a busy machine, there is no second one.
  const ended = () =>
    later().some((each) => each.kind === "flush" && each.api === "RestApi" && each.time >= revoked + UNDER_WAY);
  await expect.poll(ended, { timeout: 15_000 }).toBe(true);
  expect(JSON.stringify(later())).toContain(`"${id}:2:KeyRevoked:`);
  expect(JSON.stringify(told)).not.toContain(key);
  await forget();
});
