import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { errorText } from "../../cli/error-text.ts";
import { configOf } from "../fixtures.ts";
import { inProcess } from "./in-process.ts";

const KEY = "sp_live_8J2kQp0vXnYd3RtL_1q2w3e4r5t6y1q2w3e4r5t6y1q2w3e4r5t6y1q2w3e4r5t6y";
const PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n";

/** All output of a command. */
async function outputOf(argv: string[]): Promise<{ code: number; output: string }> {
  const apiKeys = { table: "t", peppers: [{ id: "p1", secret: { environment: "TEST_PEPPER_MISSING" } }] };
  const config = async () => configOf({ apiKeys });
  const { code, stdout, stderr } = await inProcess(argv, { config });
  return { code, output: stdout + stderr };
}

describe("no command repeats a secret that is a wrong argument", () => {
  test.each([
    ["an argument without an option's name", ["issue", "--name", "a", KEY]],
    ["a private key, which begins like an option", ["issue", "--name", "a", PEM]],
    ["a value of an option that does not exist", ["issue", "--name", "a", `--key=${KEY}`]],
    ["a value of an option that takes none", ["issue", "--name", "a", `--json=${KEY}`]],
    ["a usage plan's key that is too short", ["issue", "--name", "a", "--usage-key", "hunter2"]],
    ["an attribute by the name of a key", ["issue", "--name", "a", "--attribute", `${KEY}=x`]],
    ["an attribute without a name", ["issue", "--name", "a", "--attribute", KEY]],
    ["an end", ["issue", "--name", "a", "--expires-in", KEY]],
    ["an address", ["issue", "--name", "a", "--address", KEY]],
    ["an action", [KEY]],
    ["a key in place of its id", ["revoke", KEY]],
    ["an id too many", ["revoke", KEY, KEY]],
    ["an action after help", ["help", KEY]],
  ])("keys: %s", async (_what, argv) => {
    const { code, output } = await outputOf(["keys", ...argv]);
    expect(code).toBe(2);
    expect(output).not.toBe("");
    for (const secret of [KEY, "hunter2", "MIIEvQ"]) expect(output).not.toContain(secret);
  });

  test.each([
    ["a credential in place of a file", ["show", Buffer.from("<Assertion>secret</Assertion>").toString("base64")]],
    ["a long one", ["show", "QUJD".repeat(2000)]],
    ["a URL with a password", ["import", "http://alice:QUJDREVG@127.0.0.1:9/metadata"]],
    ["a private key", ["import", PEM]],
  ])("saml: %s", async (_what, argv) => {
    const { code, output } = await outputOf(["saml", ...argv]);
    expect(code).toBeGreaterThan(0);
    expect(output).not.toBe("");
    for (const secret of [argv.at(-1) ?? "", "QUJD", "MIIEvQ"]) expect(output).not.toContain(secret);
  });
});

const thrownBy = async (action: () => unknown): Promise<unknown> => {
  try {
    await action();
  } catch (error) {
    return error;
  }
  return expect.unreachable("it did not fail");
};

test.each([
  ["a command", [KEY]],
  ["a kind of event", ["event", KEY]],
  ["a time", ["event", "jwt", "--time", KEY]],
  ["an option before the command", [`--key=${KEY}`, "keys"]],
  ["an API", ["explain", "--curl", "curl http://h/", "--api", KEY]],
  ["a preset", ["saml", "import", "a.xml", "--preset", KEY]],
])("does not repeat a secret in place of %s", async (_what, argv) => {
  const { code, output } = await outputOf(argv);
  expect(code).toBe(2);
  expect(output).not.toContain(KEY);
});

describe("errorText", () => {
  test("names a file by its short name, with the error code", async () => {
    expect(errorText(await thrownBy(() => readFile("/none/there.json")))).toBe('"/none/there.json" does not exist');
    expect(errorText(await thrownBy(() => readFile(KEY)))).toBe("The file does not exist");
  });

  test("keeps other messages, with secrets in URLs masked", () => {
    expect(errorText(new Error("no answer of https://a:b@c.example/d?e"))).toBe("no answer of https://…@c.example/d?…");
    expect(errorText("text")).toBe("text");
  });
});
