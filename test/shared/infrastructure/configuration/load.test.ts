import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import { loadConfig } from "../../../../shared/infrastructure/configuration/load.ts";
import { type Call, type Reply, type StandIn, startStandIn } from "../secret/aws-stand-in.ts";

const CONFIG: SallyportConfig = {
  jwt: { issuers: [{ issuer: "https://id.example.com", audience: "a" }] },
  routes: [{ name: "bundled", methods: ["GET"], paths: ["/"] }],
};
const OTHER = { ...CONFIG, routes: [{ name: "loaded", methods: ["GET"], paths: ["/"] }] };

let folder: string;
let standIn: StandIn;
let reply: (call: Call) => Reply;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  standIn = await startStandIn((call) => reply(call));
  process.env.AWS_ENDPOINT_URL_SSM = standIn.endpoint;
  process.env.AWS_ENDPOINT_URL_APPCONFIGDATA = standIn.endpoint;
});
afterAll(() => Promise.all([rm(folder, { recursive: true }), standIn.close()]));

async function fileWith(text: string): Promise<string> {
  const file = join(folder, "config.json");
  await writeFile(file, text);
  return `file:${file}`;
}

const load = (SALLYPORT_CONFIG: string | undefined, environment: NodeJS.ProcessEnv = {}) =>
  loadConfig(CONFIG, { ...environment, SALLYPORT_CONFIG });
const ruleOf = async (...given: Parameters<typeof load>) => (await load(...given)).routes[0]?.name;
const mistakesOf = (...given: Parameters<typeof load>) =>
  load(...given).then(
    () => expect.unreachable("it loaded"),
    (error: Error) => error.message,
  );

describe("loads", () => {
  test("the bundled configuration if SALLYPORT_CONFIG is not set", async () => {
    expect(await ruleOf(undefined)).toBe("bundled");
    expect(await ruleOf("")).toBe("bundled");
  });

  test("a file", async () => {
    expect(await ruleOf(await fileWith(JSON.stringify(OTHER)))).toBe("loaded");
  });

  test("an SSM parameter", async () => {
    reply = () => ({ body: { Parameter: { Value: JSON.stringify(OTHER) } } });
    expect(await ruleOf("ssm:/sallyport/config")).toBe("loaded");
    expect(standIn.calls.at(-1)).toMatchObject({ input: { Name: "/sallyport/config", WithDecryption: true } });
  });

  test("an AppConfig profile", async () => {
    reply = ({ operation }) =>
      operation.startsWith("POST") ? { body: { InitialConfigurationToken: "t0" } } : { body: JSON.stringify(OTHER) };
    expect(await ruleOf("appconfig:shop/prod/sallyport")).toBe("loaded");
    expect(standIn.calls.slice(-2)).toMatchObject([
      {
        operation: "POST /configurationsessions",
        input: {
          ApplicationIdentifier: "shop",
          EnvironmentIdentifier: "prod",
          ConfigurationProfileIdentifier: "sallyport",
        },
      },
      { operation: "GET /configuration?configuration_token=t0" },
    ]);
  });
});

describe("replaces environment variables", () => {
  test("in every text, at any depth and position", async () => {
    const text = JSON.stringify(OTHER).replaceAll("id.example.com", "$" + "{HOST}/$" + "{REALM}");
    const config = await load(await fileWith(text), { HOST: "id.example.org", REALM: "acme" });
    expect(config.jwt?.issuers[0]?.issuer).toBe("https://id.example.org/acme");
  });

  test("as text: a value cannot add JSON structure", async () => {
    const text = JSON.stringify(OTHER).replaceAll('"a"', '"$' + '{AUDIENCE}"');
    const config = await load(await fileWith(text), { AUDIENCE: '","x":"$' + "{HOME}", HOME: "/root" });
    expect(config.jwt?.issuers[0]?.audience).toEqual(['","x":"$' + "{HOME}"]);
  });

  test("and fails for a variable that is not set, with the path", async () => {
    const text = JSON.stringify(OTHER).replaceAll("id.example.com", "$" + "{HOST}");
    for (const environment of [{}, { HOST: "" }]) {
      const message = await mistakesOf(await fileWith(text), environment);
      expect(message).toContain("jwt.issuers[0].issuer: found $" + "{HOST}, allowed: an environment variable");
    }
  });
});

describe("fails to load", () => {
  test("a file that does not exist", async () => {
    expect(await mistakesOf("file:/none/there.json")).toContain("ENOENT");
  });

  test.each(["s3:bucket/key", "file:", "/etc/sallyport.json", "ssm"])(
    "a source with an unknown form: %s",
    async (source) => {
      expect(await mistakesOf(source)).toContain("allowed: file:PATH, ssm:NAME or appconfig:APP/ENV/PROFILE");
    },
  );

  test.each(["appconfig:shop", "appconfig:shop/prod", "appconfig:shop/prod/a/b", "appconfig://x"])(
    "an incomplete name: %s",
    async (source) => expect(await mistakesOf(source)).toContain("appconfig:APP/ENV/PROFILE"),
  );

  test.each(["file:", "ssm:", "appconfig:a/b/", ""])(
    "the configuration itself instead of a name, without showing it: %s",
    async (source) => {
      reply = () => ({ status: 400, body: { message: "Value hunter2 failed to satisfy constraint" } });
      expect(await mistakesOf(`${source}{ "pepper": "hunter2" }`)).not.toContain("hunter2");
    },
  );

  test("an invalid value of a variable, without showing it", async () => {
    const text = JSON.stringify(OTHER).replaceAll("GET", "$" + "{METHOD}");
    const message = await mistakesOf(await fileWith(text), { METHOD: "hunter2" });
    expect(message).toContain("routes[0].methods[0]: found");
    expect(message).toContain("$" + "{METHOD}");
    expect(message).not.toContain("hunter2");
  });

  test("a text that is not JSON, without showing it", async () => {
    const message = await mistakesOf(await fileWith("{ pepper: hunter2"));
    expect(message).toContain("text that is not JSON");
    expect(message).not.toContain("hunter2");
  });

  test("an empty parameter", async () => {
    reply = () => ({ body: { Parameter: { Value: "" } } });
    expect(await mistakesOf("ssm:/empty")).toContain("an empty configuration");
  });

  test("an invalid configuration, with every mistake", async () => {
    const message = await mistakesOf(await fileWith('{"jwt":{"issuers":[]},"routes":[],"rotues":[]}'));
    expect(message).toContain("3 mistakes");
    for (const path of ["jwt.issuers", "routes", "rotues"]) expect(message).toContain(`  ${path}: found`);
  });
});
