import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";

/** `npm start` as a process: its output and exit code. */

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

function start(...options: string[]) {
  const child = spawn(process.execPath, ["local/start.ts", ...options]);
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

test("prints requests that a client can send, and exits with 0 on Ctrl-C", async () => {
  const { child, ended, ready, text } = start("--port", "0");
  await ready;
  const [, page = "", url = ""] = /Bearer \$\(curl -s '([^']+)'\)" (\S+)/.exec(text()) ?? [];
  const token = await (await fetch(page)).text();
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  expect(await response.json()).toMatchObject({ subject: "alice" });
  expect(text()).toContain("Authorizer: allow GET /whoami");
  expect(text()).not.toContain(token);
  child.kill("SIGINT");
  expect((await ended).code).toBe(0);
});

test.each<[string, string[], RegExp]>([
  ["an unknown option", ["--prot", "1"], /Unknown option '--prot'/],
  ["a port that is none", ["--port", "http"], /--port takes a number/],
  ["a parameter without value", ["--parameter", "StageName"], /--parameter takes NAME=VALUE/],
  ["a template that is not there", ["--template", "none.yaml"], /^There is no template none\.yaml\.$/m],
  ["half of mutual TLS", ["--tls-cert", "a.pem"], /--tls-cert, --tls-key and --tls-ca/],
])("ends with 1 and says why: %s", async (_, options, message) => {
  const { code, text } = await start(...options).ended;
  expect(code).toBe(1);
  expect(text).toMatch(message);
  expect(text).not.toContain("    at ");
});

test("exits with 1 and one line if a port is in use", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, text } = await start("--port", String(port)).ended;
  server.close();
  expect([code, text]).toEqual([1, `Port ${port} is taken: choose another first port with --port.\n`]);
});
