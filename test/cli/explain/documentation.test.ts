import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** docs/explain.md: its examples are run as they are written. */

const page = await readFile("docs/explain.md", "utf8");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  for (const [, name = "", content = ""] of page.matchAll(/^`([\w.-]+\.json)`.*?:\n\n```json\n(.+?)^```$/gms))
    await writeFile(join(folder, name), content);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a command as in a shell, with this project's command line in place of the package's. */
async function run(command: string): Promise<string> {
  const ours = command.replace("npx sallyport", `"${process.execPath}" "${resolve("cli/main.ts")}"`);
  const { stdout } = await promisify(execFile)("sh", ["-c", `${ours.trimEnd()}\ntrue`], { cwd: folder });
  return stdout;
}

describe("an example", () => {
  const examples = [...page.matchAll(/^```\n(SALLYPORT_CONFIG=.+?)^```\n\n```text\n(.+?)^```$/gms)];

  test("is there for Auth0, for Entra and for SAML", () => {
    expect(examples.map(([, command = ""]) => /file:(\w+)/.exec(command)?.[1])).toEqual(["auth0", "entra", "saml"]);
  });

  test.each(examples.map(([, command = "", output = ""]) => ({ command, output })))(
    "prints what the page says: $command",
    async ({ command, output }) => {
      const lines = (await run(command)).split("\n");
      let from = 0;
      for (const line of output.split("\n").filter(Boolean)) {
        const found = lines.indexOf(line, from);
        expect(found, `${line}\n\n${lines.join("\n")}`).toBeGreaterThanOrEqual(0);
        from = found + 1;
      }
    },
  );
});

test("every option of the command is on the page, and every member of the JSON", async () => {
  const rows = [...page.matchAll(/^\| (.+?) \| /gm)].map(([, cell = ""]) => cell).join(" ");
  const options = [...(await readFile("cli/explain.ts", "utf8")).matchAll(/"(--[a-z-]+)[ "]/g)].map(([, name]) => name);
  expect(new Set(options).size).toBeGreaterThan(10);
  for (const option of new Set(options)) expect(rows).toContain(`\`${option}`);
  const [, members = ""] =
    /interface Explanation \{\n(.+?)^\}/ms.exec(await readFile("cli/explain/explanation.ts", "utf8")) ?? [];
  for (const [, name] of members.matchAll(/^ {2}readonly (\w+)\??:/gm)) expect(rows).toContain(`\`${name}\``);
});
