import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { responseXml } from "../../local/stage/saml/identity-provider.ts";
import { aggregateXml, entityXml } from "../../local/stage/saml/metadata.ts";
import { createSigningIdentity, signXml } from "../../local/stage/saml/signing.ts";
import { configOf } from "../fixtures.ts";
import { ISSUER, identity, issue, judge, OPTIONS, providerOf, RECIPIENT, stranger } from "../providers/saml/fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function saml(argv: string[], { config, input = "" }: { config?: object; input?: string } = {}) {
  const file = join(folder, "config.json");
  if (config) await writeFile(file, JSON.stringify(config));
  const running = promisify(execFile)(process.execPath, [resolve("cli/main.ts"), "saml", ...argv], {
    env: { ...process.env, ...(config && { SALLYPORT_CONFIG: `file:${file}` }) },
  });
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: code as number, stdout: String(stdout), stderr: String(stderr) }),
  );
}

const fileOf = async (text: string, name = "input") => {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
};
const body = (pem: string) => pem.replace(/-----.*-----|\s/g, "");

describe("sallyport saml", () => {
  test.each([[[]], [["metadta"]], [["constructor"]], [["show", "a", "b"]], [["show", "--nonsense"]]])(
    "%j is a wrong usage",
    async (argv) => {
      expect(await saml(argv)).toMatchObject({ code: 2, stdout: "" });
    },
  );

  test("refuses an option of another action", async () => {
    expect(await saml(["encode", "--follow"])).toMatchObject({
      code: 2,
      stderr: "There is no option --follow.\nUsage: sallyport saml encode [options] [file]\n",
    });
  });
});

describe("sallyport saml metadata", () => {
  const routes = [{ name: "all", methods: ["GET"], paths: ["/a"] }];
  const identityProviders = [{ issuer: ISSUER, certificates: [identity.certificate] }];
  const section = {
    audience: ["https://api.example.com/a&b", "urn:second"],
    recipients: [RECIPIENT, "https://b.example.com/acs"],
    identityProviders,
  };

  test("needs no identity provider, because its administrator wants these metadata first", async () => {
    const { code, stdout, stderr } = await saml(["metadata"], {
      config: { routes, saml: { ...section, audience: "urn:acme", identityProviders: [] } },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain('entityID="urn:acme"');
  });

  test("prints well-formed XML with entity id, recipients and certificate", async () => {
    const decryption = { keys: [{ ssm: "/key" }], certificate: stranger.certificate };
    const { code, stdout, stderr } = await saml(["metadata"], { config: { routes, saml: { ...section, decryption } } });
    expect(code).toBe(0);
    expect(stdout).toContain('entityID="https://api.example.com/a&#38;b"');
    expect(stdout).toContain(
      `isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${RECIPIENT}"`,
    );
    expect(stdout).toContain(
      'index="1" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://b.example.com/acs"',
    );
    expect(stdout).toContain('WantAssertionsSigned="true"');
    expect(stdout).toContain(`use="encryption"`);
    expect(stdout).toContain(body(stranger.certificate));
    expect(stderr).toContain("other audiences");
    expect(await saml(["show", await fileOf(stdout)])).toMatchObject({ code: 0 });
  });

  test("uses the audience of --audience, and refuses one that is not configured", async () => {
    const config = { routes, saml: section };
    const { stdout } = await saml(["metadata", "--audience", "urn:second"], { config });
    expect(stdout).toContain('entityID="urn:second"');
    expect(stdout).not.toContain("KeyDescriptor");
    expect(await saml(["metadata", "--audience", "urn:third"], { config })).toMatchObject({ code: 2, stdout: "" });
  });

  test("refuses a configuration without SAML", async () => {
    const config = { routes, jwt: { issuers: [{ issuer: "https://id.example.com" }] } };
    expect(await saml(["metadata"], { config })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^The configuration has no `saml`\.\n/),
    });
  });
});

describe("sallyport saml import", () => {
  const realm = "https://idp.example.com/realms/acme";
  const xml = entityXml({ entityId: realm, certificates: [identity.certificate] });

  test("prints an entry that verifies the identity provider's assertions, and a summary to check", async () => {
    const { code, stdout, stderr } = await saml(["import", await fileOf(xml)]);
    expect(code).toBe(0);
    const entry = JSON.parse(stdout);
    expect(entry).toEqual({ issuer: realm, certificates: [body(identity.certificate)], preset: "keycloak" });
    expect(await judge(issue({ issuer: realm }), providerOf(entry))).toHaveProperty("issuer", realm);
    expect(stderr).toMatch(/certificate 1970-01-01 to 2100-01-01, rsa 2048, SHA-256 ([0-9A-F]{2}:){31}/);
  });

  test("takes one entity from a signed document of more than a mebibyte", async () => {
    const other = entityXml({
      entityId: "https://other.example.com",
      certificates: [stranger.certificate],
      id: "_other",
    });
    const padding = `<!-- ${"a > b ".repeat(200_000)}-->`;
    const long = (document: string) => document.replace("</md:EntitiesDescriptor>", `${padding}$&`);
    const all = await fileOf(long(signXml(aggregateXml([other, xml]), "_all", stranger)), "long.xml");
    const [right, wrong] = [
      await fileOf(stranger.certificate, "right.pem"),
      await fileOf(identity.certificate, "wrong.pem"),
    ];
    const { stdout } = await saml(["import", all, "--entity", realm, "--signed-by", right]);
    expect(JSON.parse(stdout)).toMatchObject({ issuer: realm, certificates: [body(identity.certificate)] });
    const refused = (text: string) => ({ code: 1, stdout: "", stderr: expect.stringContaining(text) });
    expect(await saml(["import", all, "--entity", realm, "--signed-by", wrong])).toMatchObject(
      refused("does not verify"),
    );
    expect(await saml(["import", all])).toMatchObject(refused("2 identity providers"));
    const old = signXml(aggregateXml([other, xml]), "_all", stranger, { algorithm: "rsa-sha1" });
    const weak = await fileOf(long(old), "sha1.xml");
    expect(await saml(["import", weak, "--entity", realm, "--signed-by", right])).toMatchObject(
      refused("an algorithm that is not accepted"),
    );
  });

  test("takes one entity from a signed document with several", async () => {
    const other = entityXml({
      entityId: "https://other.example.com",
      certificates: [stranger.certificate],
      id: "_other",
    });
    const all = await fileOf(signXml(aggregateXml([other, xml]), "_all", stranger), "all.xml");
    const pem = await fileOf(stranger.certificate, "federation.pem");
    const { stdout } = await saml(["import", all, "--entity", realm, "--signed-by", pem, "--preset", "okta"]);
    expect(JSON.parse(stdout)).toMatchObject({ issuer: realm, preset: "okta" });
    expect(await saml(["import", all])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("2 identity providers"),
    });
    const wrong = await fileOf(identity.certificate, "wrong.pem");
    expect(await saml(["import", all, "--entity", realm, "--signed-by", wrong])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "These metadata cannot be used: its signature does not verify.\n",
    });
  });

  test("refuses --signed-by with a weak key, although the signature verifies", async () => {
    const weak = await createSigningIdentity({ keySize: 1024 });
    const signed = await fileOf(signXml(aggregateXml([xml]), "_all", weak), "weak.xml");
    const pem = await fileOf(weak.certificate, "weak.pem");
    const { code, stdout, stderr } = await saml(["import", signed, "--signed-by", pem]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("RSA of 2048 bits or more");
  });

  test("prints an entry that follows the metadata URL with --follow", async () => {
    const server = createServer((_, response) => response.end(xml)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`;
    const { stdout } = await saml(["import", url, "--follow"]);
    server.close();
    expect(JSON.parse(stdout)).toEqual({ issuer: realm, metadata: { url }, preset: "keycloak" });
    expect(
      configOf({ saml: { audience: "a", recipients: "b", identityProviders: [JSON.parse(stdout)] } }),
    ).toBeDefined();
  });

  test.each([
    ["https://sts.windows.net/00000000-0000-0000-0000-000000000000/", "entra"],
    ["http://www.okta.com/exk1", "okta"],
    ["http://fs.example.com/adfs/services/trust", "adfs"],
    ["https://accounts.google.com/o/saml2?idpid=1", "google"],
    ["https://auth.pingone.eu/1", "pingone"],
    ["https://idp.example.org/idp/shibboleth", "shibboleth"],
    ["https://idp.example.org/", undefined],
  ])("guesses the preset of %s", async (entityId, preset) => {
    const file = await fileOf(entityXml({ entityId, certificates: [identity.certificate] }), "preset.xml");
    expect(JSON.parse((await saml(["import", file])).stdout).preset).toBe(preset);
  });

  test.each([
    [["import"], 2],
    [["import", "/nonexistent"], 1],
    [["import", "/nonexistent", "--follow"], 2],
    [["import", "package.json"], 1],
    [["import", "http://127.0.0.1:9/metadata"], 1],
    [["import", "http://idp.example.com/metadata"], 2],
    [["import", "HTTP://idp.example.com/metadata"], 2],
    [["import", "http://idp.example.com/metadata", "--follow"], 2],
    [["import", "https://alice:secret@idp.example.com/metadata"], 2],
  ])("%j fails with a line, and the usage where it is wrong", async (argv, code) => {
    const outcome = await saml(argv);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr.trim().split("\n")).toHaveLength(code);
  });
});

describe("sallyport saml encode", () => {
  const response = issue({}, { message: "response" });
  const decoded = (credential: string) => inflateRawSync(Buffer.from(credential.trim(), "base64url")).toString();

  test.each([
    ["base64", response],
    ["a form's field", `SAMLResponse=${encodeURIComponent(response)}`],
    ["XML", Buffer.from(response, "base64").toString()],
    ["a credential", `Authorization: SAML ${issue({}, { message: "response", encoding: "deflate" })}`],
  ])("makes a credential of %s", async (_what, input) => {
    const { code, stdout } = await saml(["encode"], { input });
    expect(code).toBe(0);
    expect(decoded(stdout)).toBe(Buffer.from(response, "base64").toString());
    expect(await judge(stdout.trim())).toHaveProperty("subject", OPTIONS.subject);
  });

  test("encodes the signed assertion alone, with the namespaces that its signature covers", async () => {
    const inner = responseXml(OPTIONS, Buffer.from(issue(), "base64").toString());
    const declared = inner.replace("<samlp:Response ", '$&xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ');
    const { code, stdout } = await saml(["encode", "--assertion"], { input: declared });
    expect(code).toBe(0);
    expect(decoded(stdout)).toMatch(/^<saml:Assertion /);
    expect(await judge(stdout.trim())).toHaveProperty("subject", OPTIONS.subject);
  });

  test("refuses --assertion when only the Response is signed", async () => {
    const input = issue({}, { message: "response", sign: ["response"] });
    expect(await saml(["encode", "--assertion"], { input })).toMatchObject({ code: 2, stdout: "" });
  });

  test("exits with 1 when the credential is longer than API Gateway's limit for headers", async () => {
    const random = Array.from({ length: 240 }, (_, index) => `${index}-${crypto.randomUUID()}-${crypto.randomUUID()}`);
    const { code, stderr } = await saml(["encode"], { input: issue({ attributes: { groups: random } }) });
    expect(code).toBe(1);
    expect(stderr).toContain("10240 bytes");
  });

  test("refuses a message that is too complex for the authorizer", async () => {
    const groups = Array.from({ length: 400 }, () => "group");
    expect(await saml(["encode"], { input: issue({ attributes: { groups } }) })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("assertion_too_complex"),
    });
  });

  test("refuses an input without a message", async () => {
    expect(await saml(["encode"], { input: "hello" })).toMatchObject({
      code: 1,
      stderr: "This would be refused: assertion_malformed. See docs/reasons.md.\n",
    });
  });
});

describe("sallyport saml show", () => {
  test("shows the content of a message, and says that it is not verified", async () => {
    const input = issue(
      { attributes: { groups: ["a", "b"], mail: "alice@example.com" }, oneTimeUse: true },
      { message: "response" },
    );
    const { code, stdout, stderr } = await saml(["show"], { input });
    expect(code).toBe(0);
    expect(stderr).toBe("Nothing of this is verified.\n");
    for (const line of [
      `Issuer ${ISSUER}`,
      `SubjectConfirmationData Recipient=${RECIPIENT}`,
      "Attribute Name=groups",
      "AttributeValue b",
      "OneTimeUse",
      "SignatureMethod Algorithm=http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ]) {
      expect(stdout).toContain(line);
    }
  });
});

test("the shell command in docs/saml.md makes the same credential as encode", async () => {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile("docs/saml.md", "utf8");
  const [, line = ""] = /^(node -e .*)$/m.exec(text) ?? [];
  const response = issue({}, { message: "response" });
  const { stdout } = await promisify(execFile)("bash", ["-c", line], {
    env: { ...process.env, SAML_RESPONSE: response },
  });
  expect(await judge(stdout)).toHaveProperty("subject", OPTIONS.subject);
});
