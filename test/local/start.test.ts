import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };

/** `npm start` as a process: its output and exit code. */

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-start-"));
});
afterAll(() => rm(folder, { recursive: true }));

function start(...options: string[]) {
  // A build would take the bundles away from the tests that run beside this one.
  const env = { ...process.env, SALLYPORT_LOCAL: folder };
  const child = spawn(process.execPath, ["local/start.ts", "--no-build", ...options], { env });
  running.push(child);
  let text = "";
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += chunk;
      if (text.includes("The gateway is ready")) ready.resolve();
    });
  }
  ready.promise.catch(() => {});
  const ended = once(child, "exit").then(([code]) => ({ code: code as number | null, text }));
  void ended.then(() => ready.reject(new Error(text)));
  return { child, ended, ready: ready.promise, text: () => text };
}

test("logs every request with its outcome and no credential, and exits with 0 on Ctrl-C", async () => {
  const { child, ended, ready, text } = start("--port", "0");
  await ready;
  const [, issuers] = /^credentials +(\S+)$/m.exec(text()) ?? [];
  const [, api] = /^RestApi +(\S+)$/m.exec(text()) ?? [];
  const token = await (await fetch(`${issuers}/jwt`)).text();
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${api}/whoami?access_token=${token}`, { headers });
  expect(await response.json()).toMatchObject({ subject: "alice" });
  // The requests that the start screen shows revoke a key, after which the caches are flushed.
  const again = async () => {
    await fetch(`${api}/whoami`, { headers });
    return text();
  };
  await expect.poll(again, { timeout: 10_000 }).toMatch(/200 allow +cache/);
  await fetch(`${api}/${token}`, { headers });
  await fetch(`${api}/whoami`);
  await expect.poll(text).toContain("no header Authorization");
  expect(text()).toMatch(/200 allow +function +\d+ ms RestApi +GET +\/prod\/whoami\?… +rules: whoami/);
  expect(text()).toMatch(/200 allow +cache +\d+ ms RestApi +GET +\/prod\/whoami +rules: whoami/);
  expect(text()).toMatch(/403 refused +gateway +\d+ ms RestApi +GET +\/prod\/… +no such route/);
  expect(text()).not.toContain(token);
  child.kill("SIGINT");
  expect((await ended).code).toBe(0);
});

test("says how to reach it, to its user alone, until it ends", async () => {
  const file = join(folder, "stack.json");
  const { child, ended, ready } = start("--port", "0");
  await ready;
  const { pid, environment } = JSON.parse(await readFile(file, "utf8"));
  expect([pid, environment.AWS_ACCESS_KEY_ID]).toEqual([child.pid, "local"]);
  expect((await stat(file)).mode & 0o077).toBe(0);
  child.kill("SIGINT");
  await ended;
  await expect(stat(file)).rejects.toThrow("ENOENT");
});

describe("without starting anything", () => {
  test.each([["--help"], ["-h"]])("%s prints the usage", async (option) => {
    const { code, text } = await start(option, "--template", "none.yaml").ended;
    expect([code, text]).toEqual([0, expect.stringMatching(/^Usage: npm start -- \[options\]/)]);
  });

  test("--version prints the version", async () => {
    expect(await start("--version").ended).toEqual({ code: 0, text: `${manifest.version}\n` });
  });

  test("npm start builds nothing before it reads its options", () => {
    expect(manifest.scripts.start).not.toContain("build");
  });

  test.each<[string, string[], RegExp]>([
    ["an unknown option", ["--prot", "1"], /^There is no option --prot\. Did you mean --port\?$/m],
    ["an option without its value", ["--port"], /^--port takes a value\.$/m],
    ["a value for an option that takes none", ["--quiet=yes"], /^--quiet takes no value\.$/m],
    ["an argument", ["4000"], /^There are too many arguments\.$/m],
    ["a port that is none", ["--port", "http"], /--port takes a number/],
    ["a parameter without value", ["--parameter", "StageName"], /--parameter takes NAME=VALUE/],
    ["half of mutual TLS", ["--tls-cert", "a.pem"], /--tls-cert, --tls-key and --tls-ca/],
    [
      "a file that is not there",
      ["--tls-cert", "a.pem", "--tls-key", "a.pem", "--tls-ca", "a.pem"],
      /a\.pem cannot be read: ENOENT/,
    ],
  ])("exits with 2 and says why: %s", async (_, options, message) => {
    const { code, text } = await start(...options).ended;
    expect(code).toBe(2);
    expect(text).toMatch(message);
    expect(text).toContain("Usage: npm start");
    expect(text).not.toContain("    at ");
  });
});

test("exits with 1 and one line if the template is not there", async () => {
  const { code, text } = await start("--template", "none.yaml").ended;
  expect([code, text]).toEqual([1, "There is no template none.yaml.\n"]);
});

test("exits with 1 and one line if a port is in use", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, text } = await start("--port", String(port)).ended;
  server.close();
  // Another process may have one of the ports behind it.
  expect([code, text]).toEqual([
    1,
    expect.stringMatching(/^Port \d+ is taken: choose another first port with --port\.\n$/),
  ]);
});
