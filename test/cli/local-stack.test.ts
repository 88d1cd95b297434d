import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type LocalStack, startLocalStack } from "../../local/stack/local-stack.ts";
import { writeStackAccess } from "../../local/stack/stack-access.ts";
import { inProcess } from "./in-process.ts";

/** `--local`: the commands for keys, and a stack that `npm start` runs. */

let folder: string;
let stack: LocalStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-local-"));
  // Tables of its own, also in a database that other tests use.
  stack = await startLocalStack({ template: "template.yaml", stackName: `test-${randomUUID()}` });
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  vi.stubEnv("SALLYPORT_LOCAL", folder);
});

/** The project's own configuration is never read: `inProcess` has none. */
const keys = (...argv: string[]) => inProcess(["keys", ...argv, ...(argv[0] === "revoke" ? ["--yes"] : []), "--local"]);

async function statusWith(key: string, api = "RestApi"): Promise<number> {
  const response = await fetch(`${stack.gateway.urls[api]}/whoami`, { headers: { Authorization: `ApiKey ${key}` } });
  await response.arrayBuffer();
  return response.status;
}

describe("while a stack runs", () => {
  let forget: () => Promise<void>;
  beforeAll(async () => {
    vi.stubEnv("SALLYPORT_LOCAL", folder);
    forget = await writeStackAccess(stack.access);
  });
  afterAll(() => forget());

  test("a key that is issued works there, is listed without its secret, and stops working when it is revoked", async () => {
    const { code, stdout } = await keys(
      ..."issue --name Partner --tenant acme --scope orders:read --expires-in 1h".split(" "),
    );
    expect(code).toBe(0);
    const key = stdout.trim();
    const [, , id = "", secret = ""] = key.split("_");
    expect(await statusWith(key)).toBe(200);

    const list = await keys("list", "--tenant", "acme");
    expect(list.stdout).toMatch(/^ID +STATUS +EXPIRES \(UTC\) +OWNER +TENANT +NAME +SCOPES\n/);
    expect(list.stdout).toMatch(
      new RegExp(`^${id} +active +20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d +- +acme +Partner +orders:read$`, "m"),
    );
    expect(list.stdout).not.toContain(secret);

    expect((await keys("show", id)).stdout).toMatch(/last used +(?!not known)/);
    expect(await keys("revoke", id)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("for up to 5 min more"),
    });
    // The policy of the other API is not in a cache.
    expect(await statusWith(key, "HttpApi")).toBe(401);
    const listed: Record<string, unknown>[] = JSON.parse(
      (await keys("list", "--tenant", "acme", "--json")).stdout,
    ).keys;
    const record = listed.find((each) => each.id === id);
    expect(record).toMatchObject({ status: "revoked", scopes: ["orders:read"] });
    expect(record).not.toHaveProperty("hash");
  });

  test("a request that it refuses is explained as its authorizer decides: keys, opaque tokens, lockouts", async () => {
    const headerOf = async (page: string) => (await (await fetch(stack.issuers + page)).text()).trim();
    const outcomeOf = async (header: string) => {
      const curl = `curl -H '${header}' ${stack.gateway.urls.RestApi}/whoami`;
      const { stdout } = await inProcess(["explain", "--local", "--curl", curl, "--json"]);
      const { outcome, reason } = JSON.parse(stdout);
      return [outcome, reason];
    };
    expect(await outcomeOf(await headerOf("/header/jwt"))).toEqual(["allow", undefined]);
    expect(await outcomeOf(await headerOf("/header/api-key"))).toEqual(["allow", undefined]);
    const revoked = await headerOf("/header/api-key?status=revoked");
    expect(await outcomeOf(revoked)).toEqual(["unauthenticated", "key_revoked"]);
    const [token = ""] = (await headerOf("/header/jwt?sub=mallory")).split("\n");
    const locked = [
      "entitlements",
      "disable",
      "--subject",
      "mallory",
      "--issuer",
      stack.config.jwt?.issuers[0]?.issuer ?? "",
      "--local",
      "--yes",
    ];
    expect(await inProcess(locked)).toMatchObject({ code: 0 });
    expect(await outcomeOf(token)).toEqual(["unauthenticated", "subject_disabled"]);
  });

  test("a command that is suggested has the same place", async () => {
    const id = JSON.parse((await keys("issue", "--name", "Hint", "--json")).stdout).id;
    const { code, stderr } = await keys("update", id, "--name", "x", "--if-version", "9");
    expect([code, stderr]).toEqual([1, expect.stringContaining(`sallyport keys show ${id} --local`)]);
  });

  test("no other endpoint, profile or session of the environment is used", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9");
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    vi.stubEnv("AWS_PROFILE", "production");
    vi.stubEnv("AWS_SESSION_TOKEN", "secret");
    expect(await keys("list", "--all")).toMatchObject({ code: 0 });
    expect([process.env.AWS_PROFILE, process.env.AWS_SESSION_TOKEN]).toEqual([undefined, undefined]);
  });
});

describe("says how to start a stack", () => {
  const refused = {
    code: 1,
    stdout: "",
    stderr: "No local stack is running: start one with npm start, in another terminal.\n",
  };

  test.each([
    ["issue", "--name", "Partner"],
    ["list", "--owner", "a"],
    ["revoke", "0123456789ABCDEF"],
  ])("keys %s", async (...argv) => {
    vi.stubEnv("SALLYPORT_LOCAL", join(folder, "none"));
    const outcome = await keys(...argv);
    expect(outcome.code === 2 ? outcome.stderr : outcome).toEqual(refused);
  });

  test("if one has ended without a word", async () => {
    const gone = await mkdtemp(join(folder, "gone-"));
    // No process has this number: it is above the limit of Linux and macOS.
    await writeFile(join(gone, "stack.json"), JSON.stringify({ pid: 2 ** 30, ...stack.access }));
    vi.stubEnv("SALLYPORT_LOCAL", gone);
    expect(await keys("list", "--owner", "a")).toEqual(refused);
  });
});

test.each([
  ["--stack", "prod"],
  ["--profile", "prod"],
  ["--region", "eu-west-1"],
])("takes no %s: one of the two would be the wrong table", async (...place) => {
  const { code, stderr } = await keys("revoke", "0123456789ABCDEF", ...place);
  expect([code, stderr]).toEqual([2, expect.stringContaining("--local is on this machine: it takes no --stack")]);
});
