import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { authorize } from "../../functions/authorizer/authorize.ts";
import { entitlements } from "../../providers/entitlements/index.ts";
import { itemOf } from "../../providers/entitlements/item.ts";
import { disable } from "../../providers/entitlements/management/entitlements.ts";
import { jwtProvider } from "../../providers/jwt/index.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { configOf, NOW, requestFor, user } from "../fixtures.ts";
import { findingOf, ISSUER, subjectRecord } from "../providers/entitlements/fixture.ts";
import {
  createEntitlementTableFixture,
  type EntitlementTableFixture,
} from "../providers/entitlements/table-fixture.ts";
import { claims, mint, rsaKey } from "../providers/jwt/mint.ts";
import { inProcess, personWhoSays, type Surroundings } from "./in-process.ts";

/** `sallyport entitlements`. */

let fixture: EntitlementTableFixture;
beforeEach(() => {
  vi.stubEnv("SALLYPORT_CACHE_TTL", "0");
});
beforeAll(async () => {
  fixture = await createEntitlementTableFixture();
});
afterAll(() => fixture.close());

const run = (argv: string, around: Surroundings = {}) =>
  inProcess(["entitlements", ...argv.split(" ")], {
    config: async () => configOf({ entitlements: { table: fixture.name } }),
    ...around,
  });
const read = (subject: string) => fixture.table.get({ kind: "subject", issuer: ISSUER, subject });

describe("set", () => {
  test("writes what it is given, by whom and why, for the only issuer of the configuration", async () => {
    const { code, stdout, stderr } = await run(
      "set --subject set1 --role admin --role clerk --scope orders:read --tenant acme --by carol --reason new --json",
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining("Done: set the entitlements of subject set1")]);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ issuer: ISSUER, subject: "set1", roles: ["admin", "clerk"], scopes: ["orders:read"], tenant: "acme" },
      ...{ version: 1, changedBy: "carol", changeReason: "new", state: "active" },
    });
    expect(JSON.parse(stdout)).not.toHaveProperty("changeId");
    expect((await run("set --subject set1 --no-role --no-tenant")).code).toBe(0);
    expect(await read("set1")).toMatchObject({ roles: [], scopes: ["orders:read"] });
    expect(await read("set1")).not.toHaveProperty("tenant");
  });

  test("refuses several scopes in one text, and says how to give several", async () => {
    const { code, stderr } = await inProcess(["entitlements", "set", "--subject", "s", "--scope", "a:read b:write"], {
      config: async () => configOf({ entitlements: { table: fixture.name } }),
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--scope: found .+, allowed is one scope: .+; repeat --scope for several\.\n/);
  });

  test("that is tried says what is there, and what would be", async () => {
    await run("set --subject dry2 --role a");
    const { stderr } = await run("set --subject dry2 --role a --role b --tenant acme --no-scope --dry-run");
    expect(stderr).toContain(": roles a → a b, scopes none → none, tenant none → acme. Nothing was changed.");
    expect(await read("dry2")).toMatchObject({ roles: ["a"] });
  });

  test("says so if nothing changes", async () => {
    await run("set --subject set2 --role a");
    expect((await run("set --subject set2 --role a")).stderr).toContain("It is so already");
  });

  test.each<[string, number, string]>([
    ["set --subject s", 2, "Give --role, --scope or --tenant"],
    ["set --role a", 2, "Give one of --subject NAME"],
    ["set --subject s --scope a,b", 2, "--scope takes one scope"],
    ["set --subject s --scope=", 2, '--scope: found "", allowed is one scope'],
    ["set --subject s --no-role --role a", 2, "--role and --no-role contradict each other"],
    ["set --subject s --role a --no-role", 2, "--role and --no-role contradict each other"],
    [`set --subject s${" --role a".repeat(257)}`, 2, "--role: found a list of 257, allowed is up to 256 roles"],
    ["disable --tenant t", 2, "--yes is missing: this locks out everybody of the tenant"],
    ["set --subject s --role a --issuer api-keys:live", 1, "An API key has its own roles"],
    ["set --subject s --role a --if-version 7", 1, "There is no such record"],
    ["disable --subject s --tenant t --yes", 2, "Give one of --subject NAME, --tenant NAME"],
    ["disable --tenant t --issuer i --yes", 2, "A tenant has no issuer"],
    ["disable --tenant t", 2, "--yes is missing"],
    ["revoke --subject s", 2, "--yes is missing"],
    ["revoke --jti j --before 2026-01-01T00:00:00Z --yes", 2, "--before is for --subject and --tenant"],
    ["revoke --subject s --expires-at 2026-01-01T00:00:00Z --yes", 2, "--expires-at is for --jti"],
    ["revoke --subject s --before yesterday --yes", 2, "--before: found"],
    ["revoke --subject s --before 2999-01-01T00:00:00Z --yes", 1, "The instant is in the future"],
    ["revoke --jti eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiJhIn0.c2ln --yes", 2, "None holds a whole token"],
    ["enable --subject nobody", 1, "There is no such record"],
    ["revoke --jti j --expires-at 2026-01-01T00:00:00Z --yes", 1, "The token has ended already"],
    ["show --subject nobody", 1, "There is no record of subject nobody"],
    ["remove --subject nobody --yes", 1, "There is no such record"],
    ["list", 2, "Give one of --issuer NAME, --tenant NAME, or --all"],
    ["list --tenant t --tokens", 2, "--tokens belongs to --issuer"],
    ["list --tenant t --cursor x", 2, "--cursor: found a text of another form"],
  ])("refuses `%s`", async (argv, code, message) => {
    expect(await run(argv)).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(message) });
  });
});

describe("a lockout", () => {
  test("of a subject takes one command, and another one ends it", async () => {
    expect((await run("disable --subject mallory --reason left")).stderr).toContain(
      "Done: disable subject mallory of https://id.example.com, version 1. Nothing is cached: it takes effect at once.",
    );
    expect(await read("mallory")).toMatchObject({ disabledSince: expect.any(Number), changeReason: "left" });
    expect((await run("show --subject mallory")).stdout).toMatch(/disabled +since 20/);
    vi.stubEnv("SALLYPORT_CACHE_TTL", "300");
    expect((await run("enable --subject mallory")).stderr).toContain("A refusal is never cached");
    expect(await read("mallory")).not.toHaveProperty("disabledSince");
  });

  test("under an issuer that the configuration does not have warns: it may be nobody's", async () => {
    const { code, stderr } = await run("disable --subject x --issuer https://id.exmaple.com");
    expect([code, stderr]).toEqual([0, expect.stringContaining("warning: this configuration has no issuer")]);
    expect(stderr).toContain("Did you mean https://id.example.com?");
  });

  test("under an issuer with a place for Entra's tenants is for one of the tenants: no token names the template", async () => {
    const [one, other] = ["8eaef023-2b34-4da1-9baa-8bc8c9d6a490", "72f988bf-86f1-41af-91ab-2d7cd011db47"];
    const issuer = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`;
    const entry = { preset: "entra-v2" as const, issuer: issuer("{tenantid}"), tenantIds: [one, other], audience: "a" };
    const config = async () => configOf({ entitlements: { table: fixture.name }, jwt: { issuers: [entry] } });
    expect(await run("disable --subject lock3", { config })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `--issuer is missing: the configuration has 2 to choose from:\n  ${issuer(one)}\n  ${issuer(other)}\n`,
      ),
    });
    const named = await run(`disable --subject lock3 --issuer ${issuer(one)}`, { config });
    expect([named.code, named.stderr]).toEqual([0, expect.not.stringContaining("warning")]);
    const template = await run(`disable --subject lock3 --issuer ${issuer("{tenantid}")}`, { config });
    expect(template).toMatchObject({ code: 2, stderr: expect.stringContaining("an id for {tenantid}") });
  });

  test("of somebody in the only tenant of Entra refuses a token of that tenant", async () => {
    const [tid, oid] = ["8eaef023-2b34-4da1-9baa-8bc8c9d6a490", "690222be-ff1a-4d56-abd1-7e4f7d38e474"];
    const issuer = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`;
    const key = rsaKey();
    const keys = { jwks: { keys: [key.jwk] } };
    const config = configOf({
      entitlements: { table: fixture.name },
      jwt: { issuers: [{ preset: "entra-v2", issuer: issuer("{tenantid}"), tenantIds: [tid], audience: "a", keys }] },
    } as SallyportConfig);
    const { jwt } = config;
    const step = entitlements(config);
    if (!jwt || !step) throw new Error("no provider or step");
    const provider = jwtProvider(jwt);
    const token = mint(
      key,
      claims({ iss: issuer(tid), aud: "a", tid, oid, azp: "web", azpacr: "0", ver: "2.0", scp: "a" }),
    );
    const judge = async () => {
      const request = requestFor("GET", "/a", { credentials: [{ ...findingOf(user()).credential, value: token }] });
      const caller = { config, providers: [provider], entitlements: step };
      const { decision } = await authorize(request, caller, new AbortController().signal);
      return "reason" in decision ? decision.reason : decision.outcome;
    };
    expect(await judge()).not.toBe("subject_disabled");
    const { code, stderr } = await run(`disable --subject ${oid}`, { config: async () => config });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("warning")]);
    expect(await judge()).toBe("subject_disabled");
  });

  test("of a tenant is asked about", async () => {
    const no = personWhoSays("n");
    expect((await run("disable --tenant acme", no)).code).toBe(1);
    expect(no.asked).toEqual(["Disable tenant acme? [y/N] "]);
    expect(await fixture.table.get({ kind: "tenant", tenant: "acme" })).toBeUndefined();
    await run("disable --tenant acme --yes");
    expect(await fixture.table.get({ kind: "tenant", tenant: "acme" })).toHaveProperty("disabledSince");
  });

  test("that is tried writes nothing", async () => {
    const { code, stderr } = await run("disable --subject dry --dry-run");
    expect([code, stderr]).toEqual([0, expect.stringContaining("Would disable subject dry")]);
    expect(await read("dry")).toBeUndefined();
  });
});

describe("revoke", () => {
  test("refuses what was issued before an instant, or one token until it has ended", async () => {
    await run("revoke --subject r1 --before 2026-01-01T00:00:00Z --yes");
    expect(await read("r1")).toMatchObject({ revokedBefore: 1_767_225_600 });
    await run("revoke --jti t1 --expires-at 2999-01-01T00:00:00+01:00 --yes");
    expect(await fixture.table.get({ kind: "token", issuer: ISSUER, tokenId: "t1" })).toMatchObject({
      expiresAt: 32_472_140_400,
    });
  });
});

describe("list", () => {
  test("shows subjects of an issuer as a table, and tokens beside them", async () => {
    await run("disable --subject listed");
    await run("revoke --jti listed-token --yes");
    const { stdout } = await run(`list --issuer ${ISSUER}`);
    expect(stdout).toMatch(/^KIND +NAME +STATE +TENANT/);
    expect(stdout).toMatch(/subject +listed +disabled/);
    expect((await run(`list --issuer ${ISSUER} --tokens`)).stdout).toMatch(/token +listed-token +revoked/);
  });

  test("goes on where a page ended", async () => {
    const issuer = "https://pages.example.com";
    for (const [index, subject] of ["old", "new"].entries()) {
      await disable(fixture.table, { kind: "subject", issuer, subject }, { by: "carol", time: NOW + index });
    }
    const first = JSON.parse((await run(`list --issuer ${issuer} --limit 1 --json`)).stdout);
    expect(first.entitlements).toMatchObject([{ subject: "new" }]);
    const next = JSON.parse((await run(`list --issuer ${issuer} --limit 1 --json --cursor ${first.cursor}`)).stdout);
    expect(next.entitlements).toMatchObject([{ subject: "old" }]);
  });
});

test("a damaged record is shown, refuses changes, and can be removed", async () => {
  const ref = { kind: "subject", issuer: ISSUER, subject: "broken" } as const;
  const client = new DynamoDBClient({ endpoint: fixture.endpoint });
  const Item = { ...itemOf(subjectRecord(ref)), roles: { S: "admin" } };
  await client.send(new PutItemCommand({ TableName: fixture.name, Item }));
  expect((await run("disable --subject broken")).stderr).toContain("entitlement_record_invalid");
  expect((await run("list --all")).stdout).toMatch(/damaged +SUBJECT#/);
  expect((await run("remove --subject broken --damaged --yes")).code).toBe(0);
  expect(await read("broken")).toBeUndefined();
  await run("disable --subject sound");
  expect((await run("remove --subject sound --damaged --yes")).stderr).toContain("The record is not damaged");
});

test("a name that could change the terminal is shown by its numbers", async () => {
  const argv = ["entitlements", "disable", "--subject", "a\u202eb"];
  const { stderr } = await inProcess(argv, { config: async () => configOf({ entitlements: { table: fixture.name } }) });
  expect(stderr).toContain("a\\u{202e}b");
});

test("a configuration without entitlements is refused: no decision would read what is written", async () => {
  const { code, stderr } = await run("disable --subject a", { config: async () => configOf() });
  expect([code, stderr]).toEqual([2, expect.stringContaining("The configuration has no `entitlements`")]);
});
