import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { describe, expect, test } from "vitest";
import { errorText, isArgumentError } from "../../cli/error-text.ts";
import { run as keys } from "../../cli/keys.ts";
import { run as saml } from "../../cli/saml.ts";
import { configOf } from "../fixtures.ts";

const KEY = "sp_live_8J2kQp0vXnYd3RtL_1q2w3e4r5t6y1q2w3e4r5t6y1q2w3e4r5t6y1q2w3e4r5t6y";
const PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n";

/** Everything that a command writes. */
async function outputOf(command: typeof keys, argv: string[]): Promise<{ code: number; output: string }> {
  let output = "";
  const stream = { write: (text: string) => (output += text) };
  const apiKeys = { table: "t", peppers: [{ id: "p1", secret: { environment: "TEST_PEPPER_MISSING" } }] };
  const config = async () => configOf({ apiKeys });
  const code = await command(argv, { stdout: stream, stderr: stream, config });
  return { code, output };
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
    ["an id too many", ["revoke", KEY, KEY]],
  ])("keys: %s", async (_what, argv) => {
    const { code, output } = await outputOf(keys, argv);
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
    const { code, output } = await outputOf(saml as typeof keys, argv);
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

describe("errorText", () => {
  test("names an option that does not exist", async () => {
    const error = await thrownBy(() => parseArgs({ args: ["--colour=red"] }));
    expect(isArgumentError(error)).toBe(true);
    expect(errorText(error)).toBe("There is no option --colour.");
  });

  test("names a file by its short name, with the code of what failed", async () => {
    expect(errorText(await thrownBy(() => readFile("/none/there.json")))).toBe(
      '"/none/there.json" cannot be used: ENOENT',
    );
    expect(errorText(await thrownBy(() => readFile(KEY)))).toBe("The file cannot be used: ENOENT");
  });

  test("keeps any other message but for what its URLs hide", () => {
    expect(errorText(new Error("no answer of https://a:b@c.example/d?e"))).toBe("no answer of https://…@c.example/d?…");
    expect(errorText("text")).toBe("text");
  });
});
