import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contextOf } from "../shared/domain/caller/context.ts";
import { readCaller } from "../shared/domain/caller/read-caller.ts";
import { callerOf, client, NOW, user } from "./fixtures.ts";

/** The readers of docs/backends.md, run as they stand there, give the answer of `readCaller`. */

const person = user({ subject: 'Zoë "Z" % \\ O\u2019Hara', tenant: "acme + co", expiresAt: NOW + 600 });
const CALLERS = [
  callerOf({ roles: ["Domain Admins", "r+d", "100%"], scopes: ["orders:read", "orders:write"] }),
  callerOf({
    roles: [],
    scopes: [],
    attributes: { email: "alice@example.com", age: 41, active: true, city: "São Paulo" },
  }),
  callerOf({ ...person, client: "partner 7", clientTenant: "globex", principals: [person, client()] }),
];

/** The context as each kind of API hands it on. REST and WebSocket APIs make text of it. */
function eventsOf(context: Readonly<Record<string, unknown>>): object[] {
  const texts = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
  return [
    { requestContext: { authorizer: { ...texts, principalId: "x|y", integrationLatency: 12 } } },
    { requestContext: { authorizer: { lambda: context } } },
    { identity: { resolverContext: texts } },
  ];
}

const EVENTS = CALLERS.flatMap((caller) => eventsOf(contextOf(caller)));
const WITHOUT = [{ requestContext: {} }, { requestContext: { authorizer: { claims: {} } } }, {}];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function blockOf(language: string): Promise<string> {
  const text = await readFile("docs/backends.md", "utf8");
  const [, block] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(text) ?? [];
  if (!block) throw new Error(`no block in ${language}`);
  return block;
}

const isThere = (command: string, ...argv: string[]) => {
  try {
    execFileSync(command, argv, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** What the three readers are asked, and what `readCaller` answers. */
const INPUT = JSON.stringify([...EVENTS, ...WITHOUT]);
const EXPECTED = [...EVENTS.map(readCaller), ...WITHOUT.map(() => "missing")];

test("every reader of the page is asked about each kind of API, and about items with spaces", () => {
  expect(EXPECTED).toHaveLength(12);
  expect(EVENTS.map((event) => readCaller(event).roles)[0]).toEqual(["Domain Admins", "r+d", "100%"]);
  for (const event of WITHOUT) expect(() => readCaller(event)).toThrow("no caller");
});

describe.skipIf(!isThere("python3", "--version"))("Python (skipped where python3 is not installed)", () => {
  test("reads the caller as readCaller does", async () => {
    const program = `${await blockOf("python")}
import sys

def answer(event):
    try:
        return read_caller(event)
    except CallerMissing:
        return "missing"

print(json.dumps([answer(event) for event in json.load(sys.stdin)]))
`;
    await writeFile(join(folder, "caller.py"), program);
    const output = execFileSync("python3", [join(folder, "caller.py")], { input: INPUT, encoding: "utf8" });
    expect(JSON.parse(output)).toEqual(EXPECTED);
  });
});

describe.skipIf(!isThere("go", "version"))("Go (skipped where go is not installed)", () => {
  test("reads the caller as readCaller does", async () => {
    const main = `package main

import (
	"backend/caller"
	"encoding/json"
	"errors"
	"os"
)

func main() {
	var events []json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&events); err != nil {
		panic(err)
	}
	answers := []any{}
	for _, event := range events {
		found, err := caller.Read(event)
		if errors.Is(err, caller.ErrCallerMissing) {
			answers = append(answers, "missing")
			continue
		}
		answers = append(answers, found)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
`;
    await mkdir(join(folder, "caller"));
    await writeFile(join(folder, "go.mod"), "module backend\n\ngo 1.21\n");
    await writeFile(join(folder, "caller", "caller.go"), await blockOf("go"));
    await writeFile(join(folder, "main.go"), main);
    const environment = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=mod" };
    const output = execFileSync("go", ["run", "."], { cwd: folder, input: INPUT, encoding: "utf8", env: environment });
    expect(JSON.parse(output)).toEqual(EXPECTED);
  });
});
