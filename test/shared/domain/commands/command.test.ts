import { readdir, readFile } from "node:fs/promises";
import * as v from "valibot";
import { expect, test } from "vitest";
import { COMMAND_REASONS } from "../../../../functions/key-commands/command-refused.ts";
import { MAX_ATTEMPTS } from "../../../../functions/key-commands/create-handler.ts";
import { COMMANDS, type CommandName, reasonOf } from "../../../../shared/domain/commands/command.ts";
import { isName } from "../../../../shared/domain/principal/name.ts";
import { propertiesOf } from "../../../template.ts";

const page = await readFile("docs/commands.md", "utf8");
const examples = [...page.matchAll(/^### (\w+)\n\n[^`].+?```json\n(.+?)```/gms)].map(
  ([, name = "", json = ""]) => [name, JSON.parse(json) as unknown] as const,
);

test("docs/commands.md has an example of every command, and of no other", () => {
  expect(examples.map(([name]) => name)).toEqual(Object.keys(COMMANDS));
});

test.each(examples)("the example of %s in docs/commands.md is right", (name, detail) => {
  expect(v.parse(COMMANDS[name as CommandName], detail)).toEqual(detail);
});

test("docs/commands.md has every reason with its meaning", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, reason, meaning]) => [reason, meaning]);
  expect(Object.fromEntries(rows)).toEqual(COMMAND_REASONS);
});

test("there is a JSON Schema for every command, which refuses further members", async () => {
  const files = await readdir("schema/commands");
  expect(files.sort()).toEqual(
    Object.keys(COMMANDS)
      .map((name) => `${name}.json`)
      .sort(),
  );
  for (const file of files)
    expect(JSON.parse(await readFile(`schema/commands/${file}`, "utf8"))).toMatchObject({
      additionalProperties: false,
    });
});

test("the longest reason and requester fit into a record", () => {
  const longest = { owner: "o", reason: "r".repeat(160), requester: "q".repeat(64) };
  expect(isName(reasonOf(v.parse(COMMANDS.RevokeKeysOfOwner, longest)))).toBe(true);
  for (const [field, value] of Object.entries({ ...longest, owner: "o".repeat(256) }))
    expect(v.is(COMMANDS.RevokeKeysOfOwner, { ...longest, [field]: `${value}x` })).toBe(false);
});

test("the queue of commands gives up after as many attempts as the function", () => {
  expect(propertiesOf("CommandQueue").RedrivePolicy).toMatchObject({ maxReceiveCount: MAX_ATTEMPTS });
});
