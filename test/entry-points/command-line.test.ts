import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createSigningIdentity } from "../../local/stage/saml/signing.ts";
import manifest from "../../package.json" with { type: "json" };
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "../providers/jwt/mint.ts";
import { NODE_VERSIONS } from "./node-versions.ts";
import { type OutsideProject, outsideProject } from "./outside-project.ts";

/** The packed command line, installed in another project. */

const key = rsaKey();
const time = Math.floor(Date.now() / 1000);
const token = mint(key, claims({ iat: time, exp: time + 600 }));
const TEXT = JSON.stringify({
  jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys: { jwks: { keys: [key.jwk] } } }] },
  routes: [{ name: "whoami", methods: ["GET"], paths: ["/whoami"] }],
});
const MODULE = `import { defineConfig } from "sallyport"; export default defineConfig(${TEXT});`;

let project: OutsideProject;
beforeAll(async () => {
  project = await outsideProject();
});
afterAll(() => project.remove());

const written = new Set<string>();
async function write(name: string, text: string) {
  written.add(name);
  await writeFile(join(project.folder, name), text);
}
afterEach(async () => {
  for (const name of [...written, ".sallyport"]) await rm(join(project.folder, name), { recursive: true, force: true });
  written.clear();
});

describe.each(NODE_VERSIONS)("on Node.js $version", ({ node }) => {
  async function sallyport(argv: string[], environment: NodeJS.ProcessEnv = {}) {
    const { SALLYPORT_CONFIG: _, ...inherited } = process.env;
    const path = [dirname(node), process.env.PATH].join(delimiter);
    return promisify(execFile)(project.bin, argv, {
      cwd: project.folder,
      env: { ...inherited, PATH: path, ...environment },
    }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code: code as number, stdout: String(stdout), stderr: String(stderr) }),
    );
  }

  test("prints its version, and help for every command", async () => {
    expect(await sallyport(["--version"])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
    for (const command of ["config", "event", "explain", "keys", "saml"]) {
      expect(await sallyport([command, "--help"])).toMatchObject({ code: 0, stderr: "" });
    }
  });

  test("says where a configuration can be when there is none", async () => {
    const { code, stderr } = await sallyport(["config", "check"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^There is no configuration: write sallyport\.config\.ts .*SALLYPORT_CONFIG/);
  });

  test.each([
    ["sallyport.config.js", MODULE],
    ["sallyport.config.mjs", MODULE],
    ["sallyport.config.json", TEXT],
  ])("checks %s", async (name, text) => {
    await write(name, text);
    expect(await sallyport(["config", "check"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("The configuration is valid"),
    });
  });

  test("prefers SALLYPORT_CONFIG to the working directory", async () => {
    await write("sallyport.config.json", TEXT);
    await write("other.json", '{"routes":[{"name":"a"}]}');
    const { code, stderr } = await sallyport(["config", "check"], { SALLYPORT_CONFIG: "file:other.json" });
    expect(code).toBe(1);
    expect(stderr).toContain("file:other.json has");
  });

  test("lists every mistake of a configuration module, and says why a module cannot be loaded", async () => {
    await write("sallyport.config.mjs", "export default { routes: [{ name: 1 }] };");
    expect(await sallyport(["config", "check"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("sallyport.config.mjs has"),
    });
    await write("sallyport.config.mjs", "export const config = {};");
    expect(await sallyport(["config", "check"])).toMatchObject({
      code: 1,
      stderr: "sallyport.config.mjs has no default export.\n",
    });
    await write("sallyport.config.mjs", "throw new Error('no https://a:secret@b.example');");
    const { stderr } = await sallyport(["config", "check"]);
    expect(stderr).toBe("sallyport.config.mjs cannot be loaded: no https://…@b.example\n");
  });

  test("explains a request with the project's configuration, without a template", async () => {
    await write("sallyport.config.json", TEXT);
    const curl = `curl -H 'Authorization: Bearer ${token}' https://api.example.com/prod/whoami`;
    const { code, stdout, stderr } = await sallyport(["explain", "--curl", curl]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("allow  GET /whoami");
  });

  test("makes an event, and explains it with the project's routes", async () => {
    await write("sallyport.config.mjs", MODULE);
    for (const kind of ["jwt", "saml-encrypted"]) {
      const event = await sallyport(["event", kind, "--path", "/whoami"]);
      expect(event).toMatchObject({ code: 0, stderr: "" });
      await write("event.json", event.stdout);
      expect(await sallyport(["explain", "event.json", "--local"])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/✓ whoami +allow +for this route: GET \/whoami/),
      });
    }
  });

  test("rehearses claims and attributes without a credential", async () => {
    const { certificate } = await createSigningIdentity();
    const idp = { issuer: "https://idp.acme.test", certificates: [certificate], attributes: { roles: ["groups"] } };
    const saml = { audience: "a", recipients: "r", identityProviders: [idp] };
    await write("sallyport.config.json", JSON.stringify({ ...JSON.parse(TEXT), saml }));
    await write("claims.json", JSON.stringify({ iss: ISSUER, aud: AUDIENCE, sub: "alice" }));
    await write("attributes.json", JSON.stringify({ NameID: "alice", groups: ["staff"] }));
    for (const argv of [["claims.json"], ["attributes.json", "--issuer", idp.issuer]]) {
      expect(await sallyport(["explain", "--path", "/whoami", "--claims", ...argv])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("Outcome: allow"),
        stderr: "",
      });
    }
  });

  test("shows a SAML message, and says what is missing in AWS when a key is issued", async () => {
    await write("message.xml", "<Assertion xmlns='urn:oasis:names:tc:SAML:2.0:assertion' ID='_1'/>");
    expect(await sallyport(["saml", "show", "message.xml"])).toMatchObject({ code: 0, stdout: "Assertion ID=_1\n" });
    const apiKeys = { table: "t", peppers: [{ id: "p1", secret: { environment: "PEPPER" } }] };
    await write("sallyport.config.json", JSON.stringify({ apiKeys, routes: JSON.parse(TEXT).routes }));
    expect(await sallyport(["keys", "issue", "--name", "a"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Check the table's name"),
    });
  });
});

describe("a configuration in TypeScript", () => {
  const [minimum, current] = NODE_VERSIONS.map(({ node }) => node);
  const check = (node = "") => promisify(execFile)(node, [project.bin, "config", "check"], { cwd: project.folder });

  test("is read by a Node.js version that strips types", async () => {
    await write(
      "sallyport.config.ts",
      MODULE.replace("export default", "const strict: boolean = true; export default"),
    );
    expect((await check(current)).stdout).toContain("The configuration is valid");
  });

  test("is refused by an older version, with advice", async () => {
    await write("sallyport.config.ts", MODULE);
    await expect(check(minimum)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Node\.js 22\.12\.0 does not read sallyport\.config\.ts: .* 22\.18 /),
    });
  });
});

test("npx runs the command line", async () => {
  const { stdout } = await promisify(execFile)("npx", ["--no-install", "sallyport", "-V"], { cwd: project.folder });
  expect(stdout).toBe(`${manifest.version}\n`);
});
