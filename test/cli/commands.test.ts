import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { restRequest } from "../../functions/authorizer/api-kinds/rest.ts";
import { authorize } from "../../functions/authorizer/authorize.ts";
import { localConfig } from "../../local/stage/configuration.ts";
import { startDynamoDb } from "../../local/stage/database.ts";
import { keptIdentities } from "../../local/stage/identities.ts";
import { SCENARIOS } from "../../local/stage/scenarios.ts";
import { createProviders } from "../../providers/registry.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import { CACHED, NOW } from "../fixtures.ts";

/** Runs the command line as a process in its own folder. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A machine that AWS does not know. */
const NO_AWS = {
  ...{ AWS_REGION: "", AWS_DEFAULT_REGION: "", AWS_PROFILE: "" },
  ...{ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_SESSION_TOKEN: "" },
};

const ANYWHERE = [{ name: "whoami", methods: ["GET"], paths: ["/whoami"] }];

async function sallyport(argv: string[], environment: NodeJS.ProcessEnv = {}) {
  const main = resolve("cli/main.ts");
  return promisify(execFile)(process.execPath, [main, ...argv], {
    cwd: folder,
    env: { ...process.env, ...environment },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: code as number, stdout: String(stdout), stderr: String(stderr) }),
  );
}

describe("sallyport", () => {
  test("prints the list of commands on standard error when no command is given", async () => {
    expect(await sallyport([])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Usage: sallyport"),
    });
  });

  test("prints the list of commands for --help, and each command prints its own help", async () => {
    expect(await sallyport(["--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Usage: sallyport") });
    for (const command of ["config", "event", "keys"]) {
      const { code, stdout } = await sallyport([command, "--help"]);
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: sallyport ${command}`);
    }
  });

  test.each(["conifg", "constructor", "__proto__"])("refuses the unknown command %s", async (name) => {
    expect(await sallyport([name])).toMatchObject({ code: 2, stderr: expect.stringContaining("There is no command") });
  });
});

describe("sallyport config check", () => {
  async function check(config: unknown, ...options: string[]) {
    const file = join(folder, "config.json");
    await writeFile(file, JSON.stringify(config));
    return sallyport(["config", "check", ...options], { SALLYPORT_CONFIG: `file:${file}` });
  }
  const routes = [{ name: "a", methods: ["GET"], paths: ["/a"] }];
  const sound = { jwt: { issuers: [{ issuer: "https://id.acme.test", audience: "a" }] }, routes };
  const risky = { jwt: { issuers: [{ issuer: "https://id.acme.test" }] }, routes };

  test("exits with 0 for a valid configuration", async () => {
    expect(await check(sound)).toEqual({ code: 0, stdout: "The configuration is valid.\n", stderr: "" });
  });

  test("warns about risky settings, and exits with 1 only with --strict", async () => {
    const warning = expect.stringMatching(
      /^warning: .*config\.json:1:20: jwt\.issuers\[0\]: no audience.*\n.*with 1 warning\.\n$/s,
    );
    expect(await check(risky)).toMatchObject({ code: 0, stdout: warning });
    expect(await check(risky, "--strict")).toMatchObject({ code: 1, stdout: warning });
  });

  test("exits with 1 and lists every mistake for an invalid configuration", async () => {
    const { code, stderr } = await check({ ...sound, routes: [{ ...routes[0], paths: ["a"], method: [] }] });
    expect(code).toBe(1);
    expect(stderr).toContain("routes[0].paths[0]: found");
    expect(stderr).toContain("routes[0].method: found an unknown name");
  });

  test("exits with 2 for an unknown option", async () => {
    expect(await check(sound, "--stirct")).toMatchObject({ code: 2 });
    expect(await sallyport(["config", "chekc"])).toMatchObject({ code: 2 });
  });
});

describe("sallyport event", () => {
  test("prints an event whose credential is accepted by the configuration of the local issuers", async () => {
    const argv = "event saml --method GET --path /users/alice --address 192.0.2.9 --stage test --time".split(" ");
    const { stdout, stderr } = await sallyport([...argv, String(NOW)]);
    expect(stderr).toBe("");
    const event = JSON.parse(stdout);
    expect(event).toMatchObject({
      methodArn: expect.stringMatching(/\/test\/GET\/users\/alice$/),
      requestContext: { identity: { sourceIp: "192.0.2.9" }, requestTimeEpoch: NOW * 1000 },
    });
    const config = parseConfig(localConfig(await keptIdentities(join(folder, ".sallyport"))));
    const request = restRequest.read(event, NOW, config, CACHED);
    const authorizer = { config, providers: createProviders(config) };
    const { decision } = await authorize(request, authorizer, new AbortController().signal);
    expect(decision).toMatchObject({ outcome: "allow", caller: { subject: "alice" } });
  });

  test("signs with the same keys each time, which only the owner of the files can read", async () => {
    await sallyport(["event", "jwt"]);
    const first = await keptIdentities(join(folder, ".sallyport"));
    await sallyport(["event", "jwt"]);
    expect(await keptIdentities(join(folder, ".sallyport"))).toEqual(first);
    expect(await readdir(join(folder, ".sallyport"))).toEqual(["identities.json"]);
  });

  test("asks for a table when an API key is needed and none is named", async () => {
    const { code, stdout, stderr } = await sallyport(["event", "api-key"], { AWS_ENDPOINT_URL_DYNAMODB: "" });
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toContain("AWS_ENDPOINT_URL_DYNAMODB");
  });

  test.each([
    ["locked-out", "subject_disabled"],
    ["locked-out-tenant", "tenant_disabled"],
    ["revoked-token", "token_revoked"],
    ["revoked-tokens", "token_revoked"],
    ["revoked-key", "key_revoked"],
  ])(
    "makes %s in the database that is named, and `explain --local` says %s with nothing else set",
    async (...given) => {
      const [kind, reason] = given;
      await using cleanup = new AsyncDisposableStack();
      const own = await startDynamoDb();
      cleanup.defer(own.close);
      const environment = { AWS_ENDPOINT_URL_DYNAMODB: own.endpoint, ...NO_AWS };
      await writeFile(join(folder, "sallyport.config.json"), JSON.stringify({ routes: ANYWHERE }));
      const { stdout, stderr } = await sallyport(["event", kind], environment);
      expect(stderr).toBe("");
      const file = join(folder, "event.json");
      await writeFile(file, stdout);
      const explained = await sallyport(["explain", file, "--local", "--cached-by", "none"], environment);
      expect(explained.stdout).toContain(`Outcome: unauthenticated, ${reason}`);
      await rm(join(folder, "sallyport.config.json"));
    },
  );

  test("makes an opaque token, whose server `explain --local` has", async () => {
    await writeFile(join(folder, "sallyport.config.json"), JSON.stringify({ routes: ANYWHERE }));
    for (const [kind, outcome] of [
      ["opaque", "allow"],
      ["opaque-revoked", "unauthenticated, token_inactive"],
    ] as const) {
      const file = join(folder, "event.json");
      await writeFile(file, (await sallyport(["event", kind, "--path", "/whoami"])).stdout);
      expect((await sallyport(["explain", file, "--local"])).stdout).toContain(`Outcome: ${outcome}`);
    }
    await rm(join(folder, "sallyport.config.json"));
  });

  test("lists every kind, and refuses other kinds", async () => {
    const { stdout } = await sallyport(["event", "--help"]);
    for (const { kind } of SCENARIOS) expect(stdout).toContain(`  ${kind} `);
    expect(await sallyport(["event", "none"])).toMatchObject({ code: 2, stdout: "" });
    expect(await sallyport(["event", "jwt", "--time", "noon"])).toMatchObject({ code: 2, stdout: "" });
  });
});
