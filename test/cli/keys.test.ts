import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { keySchema } from "../../functions/api-keys/schema/key.ts";
import { generateApiKey } from "../../providers/api-key/format.ts";
import { apiKeyProvider } from "../../providers/api-key/index.ts";
import { configOf, requestFor } from "../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../providers/api-key/fixture.ts";
import { inProcess } from "./in-process.ts";

let table: KeyTableFixture;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());

/** Consent is given in advance, where a command takes it. */
const keys = (...argv: string[]) =>
  inProcess(["keys", ...argv, ...(["revoke", "delete"].includes(argv[0] ?? "") ? ["--yes"] : [])], {
    config: async () => ({ ...configOf(), apiKeys: table.config }),
  });

async function verify(key: string) {
  const credential = { scheme: "api-key", value: key, location: { in: "header", name: "x-api-key" } } as const;
  const request = requestFor("GET", "/a", { time: Math.floor(Date.now() / 1000) });
  const verdict = await apiKeyProvider(table.config).verify(credential, request, new AbortController().signal);
  return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
}

describe("issue", () => {
  test("prints a working key, alone on standard output", async () => {
    const { code, stdout, stderr } = await keys(
      ..."issue --name Partner --scope orders:read --scope orders:write --tenant acme --expires-in 90d".split(" "),
      ..."--address 192.0.2.0/24 --attribute plan=gold --role batch".split(" "),
    );
    expect(code).toBe(0);
    const key = stdout.trimEnd();
    expect(stderr).not.toContain(key);
    expect(await verify(key)).toMatchObject({
      tenant: "acme",
      scopes: ["orders:read", "orders:write"],
      roles: ["batch"],
      addresses: ["192.0.2.0/24"],
      attributes: { plan: "gold" },
    });
  });

  test("prints one JSON object with --json", async () => {
    const { stdout } = await keys("issue", "--name", "Partner", "--json");
    const { secret, pepper, ...record } = JSON.parse(stdout);
    expect(await verify(secret)).toMatchObject({ subject: record.id });
    expect(pepper).toBe("new");
    // The rest is what the admin API shows.
    v.parse(keySchema, record);
  });
});

describe("a key stops working", () => {
  test.each([
    ["revoke", "key_revoked"],
    ["disable", "key_disabled"],
  ])("with %s", async (action, reason) => {
    const { key, record } = await table.issue();
    expect((await keys(action, record.id)).code).toBe(0);
    expect(await verify(key)).toBe(reason);
  });

  test("and works again after enable, unless it was revoked", async () => {
    const { key, record } = await table.issue();
    await keys("disable", record.id);
    expect((await keys("enable", record.id)).code).toBe(0);
    expect(await verify(key)).toHaveProperty("subject");
    await keys("revoke", record.id);
    expect(await keys("enable", record.id)).toMatchObject({ code: 1 });
  });
});

test.each([
  [["issue"], "--name is missing"],
  [["issue", "--name", "a", "--expires-in", "soon"], "such as 90d"],
  [
    ["issue", "--name", "a", "--address", "1.2.3"],
    '--address: found "1.2.3", allowed is an IPv4 or IPv6 address or CIDR range',
  ],
  [["issue", "--name", "a", "--address", "10/8"], "an IPv4 or IPv6 address or CIDR range"],
  [["issue", "--name", "a", "--address", "fe80::1%eth0"], "an IPv4 or IPv6 address or CIDR range"],
  [["issue", "--name", "a", "--scope", "a b"], '--scope: found "a b", allowed is'],
  [["issue", "--name", "a", "--scope", "orders:read,orders:write"], "repeat --scope"],
  [["issue", "--name", "a", "--subject", " alice"], '--subject: found " alice", allowed is'],
  [["issue", "--name", "a", "--subject", "alice\u00a0"], "--subject: found "],
  [["issue", "--name", "a", "--owner", " x "], '--owner: found " x ", allowed is'],
  [["issue", "--name", "a", "--tenant", " acme"], '--tenant: found " acme", allowed is'],
  [["issue", "--name", "a", "--attribute", "plan"], "NAME=TEXT"],
  [["issue", "--name", "a", "--attribute", "subject=root"], "other than the authorizer's own"],
  [["issue", "--name", "a", "--colour", "red"], "colour"],
  [["revoke"], "Usage"],
  [["toString", "x"], "Usage"],
  [[], "Usage"],
])("%j is refused with what to do", async (argv, message) => {
  const { code, stdout, stderr } = await keys(...argv);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(message);
});

describe("issue keeps a key within what a policy has room for", () => {
  const addresses = (count: number) =>
    Array.from({ length: count }, (_, index) => ["--address", `192.0.2.${index}`]).flat();

  test("64 addresses, and no more", async () => {
    expect(await keys("issue", "--name", "a", ...addresses(64))).toMatchObject({ code: 0 });
    const refused = await keys("issue", "--name", "a", ...addresses(65));
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("--address: found a list of 65, allowed is up to 64 addresses and ranges");
  });

  test("1,024 characters of an attribute, and no more", async () => {
    const text = "x".repeat(1024);
    expect(await keys("issue", "--name", "a", "--attribute", `plan=${text}`)).toMatchObject({ code: 0 });
    const refused = await keys("issue", "--name", "a", "--attribute", `plan=${text}x`);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("up to 1,024 characters");
    expect(refused.stderr).not.toContain("xxx");
  });
});

describe("a key may be given whole", () => {
  test.each(["revoke", "disable", "enable"])("to %s, and its secret is not repeated", async (action) => {
    const { key, record } = await table.issue();
    const { code, stdout, stderr } = await keys(action, key);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain(record.id);
    expect(stderr).not.toContain(key.split("_").at(-1));
  });

  test("and a revocation may be repeated, with the key or its id", async () => {
    const { key, record } = await table.issue();
    for (const given of [key, record.id, key]) expect(await keys("revoke", given)).toMatchObject({ code: 0 });
    expect(await verify(key)).toBe("key_revoked");
  });
});

test("refuses to revoke a key that does not exist", async () => {
  expect(await keys("revoke", "0".repeat(16))).toMatchObject({ code: 1 });
});

describe("what is no id never reaches the database, and is not repeated", () => {
  const { text, id } = generateApiKey("sp", "live");
  const secret = text.slice(text.lastIndexOf("_") + 1);
  test.each<[string, string, RegExp]>([
    ["a whole key with another end", `${text}0`, /whole key.*checksum/],
    ["a whole key with a typo", text.replace(id, id.split("").reverse().join("")), /whole key.*checksum/],
    ["a secret", secret, /16 letters and digits/],
    ["a part of an id", id.slice(1), /16 letters and digits/],
    ["a token", `ey${secret}.${secret}`, /16 letters and digits/],
    ["nothing", "", /16 letters and digits/],
  ])("%s", async (_what, given, message) => {
    for (const action of ["revoke", "disable", "enable"]) {
      const config = () => Promise.reject(new Error("the database is not to be opened"));
      const { code, stdout, stderr } = await inProcess(["keys", action, given], { config });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain(secret);
      if (given) expect(stderr).not.toContain(given);
    }
  });
});

describe("what is missing in AWS is said with what to check, and is no defect of Sallyport", () => {
  const nothing = {
    AWS_REGION: undefined,
    AWS_DEFAULT_REGION: undefined,
    AWS_PROFILE: undefined,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_ENDPOINT_URL: undefined,
    AWS_ENDPOINT_URL_DYNAMODB: undefined,
    AWS_CONFIG_FILE: "/nowhere",
    AWS_SHARED_CREDENTIALS_FILE: "/nowhere",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const ID = "0".repeat(16);

  test.each([
    ["a Region", ["list", "--all"], {}, /^The table "none-\w+": Region is missing\n/],
    ["a Region", ["revoke", ID, "--yes"], {}, /^The table "none-\w+": Region is missing\n/],
    [
      "credentials",
      ["list", "--all"],
      { AWS_REGION: "eu-west-1" },
      /^The table "none-\w+": Could not load credentials/,
    ],
    ["credentials", ["enable", ID], { AWS_REGION: "eu-west-1" }, /^The table "none-\w+": Could not load credentials/],
    ["a pepper's Region", ["issue", "--name", "a"], {}, /^The pepper of the table "none-\w+": .*Region is missing\n/],
  ])("%s, to %j", async (what, argv, environment, message) => {
    for (const [name, value] of Object.entries({ ...nothing, ...environment })) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    // Clients are kept by table.
    const apiKeys = {
      table: `none-${what.replace(/\W/g, "")}`,
      peppers: [{ id: "p1", secret: { secretsManager: "none/pepper" } }],
    };
    const { code, stdout, stderr } = await inProcess(["keys", ...argv], { config: async () => configOf({ apiKeys }) });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.replace(/^--all reads .*\n/, "")).toMatch(message);
    expect(stderr).toContain("Check the table's name");
  });
});
