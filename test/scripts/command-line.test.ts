import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { inProcess } from "../cli/in-process.ts";

/** What every command of the project answers. `npm start` is in test/local/start.test.ts. */

const run = (file: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, [file, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );

describe.each<[string, string, string, string]>([
  ["demo", "local/demo.ts", "--no-biuld", "--no-build"],
  ["bench", "scripts/bench/main.ts", "--round", "--rounds"],
  ["fuzz", "scripts/fuzz.ts", "--tupels", "--tuples"],
  ["cost", "scripts/cost.ts", "--rat", "--rate"],
  ["events", "scripts/events.ts", "--chekc", "--check"],
  ["sam:invoke", "scripts/sam-invoke.ts", "--adress", "--address"],
  ["sam:api", "scripts/sam-api.ts", "--prot", "--port"],
  ["sam:environment", "scripts/sam-environment.ts", "--biuld", "--build"],
])("npm run %s", (name, file, wrong, meant) => {
  test("--help and -h print the usage, and --version the version", async () => {
    const usage = { code: 0, stdout: expect.stringMatching(new RegExp(`^Usage: npm run ${name} -- `)), stderr: "" };
    expect(await run(file, "--help")).toEqual(usage);
    expect(await run(file, "-h")).toEqual(usage);
    expect(await run(file, "--version")).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });

  test("an unknown option is refused with the nearest name", async () => {
    const { code, stdout, stderr } = await run(file, wrong, "1");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      new RegExp(`^There is no option ${wrong}\\. Did you mean ${meant}\\?\n\nUsage: npm run ${name} `),
    );
  });

  test("it is the command that npm runs, and is not built before it reads its options", () => {
    const command = (manifest.scripts as Record<string, string>)[name];
    expect(command).toBe(`node ${file}`);
  });
});

test.each([
  ["scripts/bench/main.ts", ["colt"], "Did you mean cold?"],
  ["scripts/sam-invoke.ts", ["expired-tokn"], "Did you mean expired-token?"],
  ["scripts/sam-invoke.ts", ["jwt", "--api", "rest-tokn"], "Did you mean rest-token?"],
])("%s %j is refused with the nearest name", async (file, args, said) => {
  const { code, stderr } = await run(file, ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
});

describe.each([
  [[]],
  [["config"]],
  [["config", "check"]],
  [["event"]],
  [["explain"]],
  [["keys"]],
  [["keys", "issue", "--name", "Partner"]],
  [["keys", "revoke"]],
  [["saml"]],
  [["saml", "metadata"]],
])("sallyport %j", (command) => {
  test("answers --help, -h and --version, and refuses an unknown option", async () => {
    for (const option of ["--help", "-h"]) {
      const { code, stdout } = await inProcess([...command, option]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^Usage: sallyport /)]);
    }
    expect(await inProcess([...command, "--version"])).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: "",
    });
    expect(await inProcess([...command, "--versoin"])).toMatchObject({
      ...{ code: 2, stdout: "" },
      stderr: expect.stringContaining("--version"),
    });
  });
});
