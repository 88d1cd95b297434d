import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { inProcess } from "./in-process.ts";

/** Usage errors, help and version of every command. */

describe("a wrong call exits with 2, names the mistake, and shows the usage line", () => {
  test.each<[string[], string, string]>([
    [["conifg"], 'There is no command "conifg". Did you mean config?', "sallyport [options] [command]"],
    [["config", "chekc"], 'There is no command "chekc". Did you mean check?', "sallyport config [options] [command]"],
    [
      ["config", "check", "--stirct"],
      "There is no option --stirct. Did you mean --strict?",
      "sallyport config check [options]",
    ],
    [["config", "check", "--json=yes"], "--json takes no value.", "sallyport config check [options]"],
    [["config", "check", "now"], "There are too many arguments.", "sallyport config check [options]"],
    [["keys", "issue"], "--name is missing.", "sallyport keys issue [options]"],
    [["keys", "issue", "--name"], "--name takes a value.", "sallyport keys issue [options]"],
    [
      ["keys", "issue", "--name", "a", "--colour=red"],
      "There is no option --colour.",
      "sallyport keys issue [options]",
    ],
    [["keys", "disable"], "<id> is missing.", "sallyport keys disable [options] <id>"],
    [
      ["keys", "revoke"],
      "Which keys? Give one of a key or its id, --owner NAME, or --tenant NAME.",
      "sallyport keys revoke [options] [id]",
    ],
    [["event"], "<kind> is missing.", "sallyport event [options] <kind>"],
  ])("%j", async (argv, message, usage) => {
    const stderr = `${message}\nUsage: ${usage}\n`;
    expect(await inProcess(argv)).toEqual({ code: 2, stdout: "", stderr });
  });

  test("with the nearest of the values of an option", async () => {
    expect(await inProcess(["event", "jwtt"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(" Did you mean jwt?\n"),
    });
    const { stderr } = await inProcess(["event", "jwt", "--api", "websokcet"]);
    expect(stderr).toMatch(/^--api takes one of rest-request, .*\. Did you mean websocket\?\nUsage: sallyport event /);
    expect((await inProcess(["event", "jwt", "--api", "soap"])).stderr).not.toContain("Did you mean");
  });

  test.each([[[]], [["keys"]], [["saml"]], [["config"]]])("%j prints all help on standard error", async (argv) => {
    const { code, stdout, stderr } = await inProcess(argv);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Commands:");
  });
});

describe("help and version", () => {
  const COMMANDS = [
    ["config", "check"],
    ["dpop"],
    ["event"],
    ["explain"],
    ...["issue", "revoke", "disable", "enable"].map((action) => ["keys", action]),
    ...["metadata", "import", "encode", "show"].map((action) => ["saml", action]),
  ];

  test.each([[["--help"]], [["-h"]], [["help"]]])("%j lists every command on standard output", async (argv) => {
    const { code, stdout, stderr } = await inProcess(argv);
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of new Set(COMMANDS.map(([command]) => command))) expect(stdout).toMatch(`\n  ${name} `);
  });

  test.each(COMMANDS.map((argv) => [argv]))("%j prints its help without a configuration", async (argv) => {
    for (const option of ["--help", "-h"]) {
      const { code, stdout, stderr } = await inProcess([...argv, option]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(new RegExp(`^Usage: sallyport ${argv.join(" ")} `));
    }
  });

  test.each(["--version", "-V"])("%s prints the version of the package", async (option) => {
    expect(await inProcess([option])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });
});
