import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type Exchange, type Fault, send } from "./party.ts";

const text = (body: string, status = 200, type = "text/html") => ({
  status,
  headers: { "Content-Type": type },
  body: Buffer.from(body),
});
const HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Please sign in.</p></body></html>";

const status = (code: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  name: String(code),
  respond: ({ response }) => send(response, { ...text("{}", code, "application/json"), headers }),
});

const ok = (name: string, body: string, type?: string): Fault => ({
  name: `200 with ${name}`,
  respond: ({ response }) => send(response, text(body, 200, type)),
});

const late = (milliseconds: number): Fault => ({
  name: `right after ${milliseconds} ms`,
  respond: async ({ response, honest }) => {
    const [answer] = await Promise.all([honest(), delay(milliseconds)]);
    if (!response.destroyed) send(response, answer);
  },
});

/** Everything that a party may do instead of answering. */
export const FAULTS: readonly Fault[] = [
  { name: "refuses connections", connections: "refused" },
  { name: "resets connections", connections: "reset" },
  { name: "has a wrong certificate", connections: "certificate" },
  { name: "says nothing", respond: () => {} },
  { name: "sends headers and then nothing", respond: (exchange) => withHeaders(exchange, async () => {}) },
  { name: "sends a byte each 200 ms", respond: (exchange) => withHeaders(exchange, drip) },
  {
    name: "resets within the answer",
    respond: (exchange) =>
      withHeaders(exchange, async ({ response }, body) => {
        response.write(body.subarray(0, body.length / 2));
        await delay(5);
        response.socket?.destroy();
      }),
  },
  {
    name: "ends within the answer",
    respond: async ({ response, honest }) => {
      const { body, ...answer } = await honest();
      send(response, { ...answer, body: body.subarray(0, body.length / 2) });
    },
  },
  ...[500, 503, 403, 404].map((code) => status(code)),
  status(429, { "Retry-After": "1" }),
  ok("nothing", "", "application/json"),
  ok("{}", "{}", "application/json"),
  ok("a page of HTML", HTML),
  ok("5 MB", `{"keys":[${" ".repeat(5_000_000)}]}`, "application/json"),
  {
    name: "200 with 50 MB of gzip",
    respond: ({ response }) => send(response, { ...text(""), headers: { "Content-Encoding": "gzip" }, body: BOMB }),
  },
  {
    name: "redirects",
    respond: ({ response, origin }) =>
      send(response, { ...text("", 302), headers: { Location: `${origin}/elsewhere` } }),
  },
  {
    name: "answers about something else",
    mayRefuse: true,
    respond: ({ response, other }) => send(response, other()),
  },
  late(700),
  late(1700),
  {
    name: "500 each other time",
    respond: async ({ response, honest, nth }) => send(response, nth % 2 === 0 ? text("", 500) : await honest()),
  },
];

const BOMB = gzipSync(Buffer.alloc(50_000_000, " "));

/** Sends the headers of the right answer, and leaves the body to `go`. */
async function withHeaders(exchange: Exchange, go: (exchange: Exchange, body: Buffer) => Promise<void>): Promise<void> {
  const { response, honest } = exchange;
  const { status: code, headers, body } = await honest();
  response.writeHead(code, { ...headers, "Content-Length": body.length }).flushHeaders();
  await go(exchange, body);
}

async function drip({ response }: Exchange, body: Buffer): Promise<void> {
  for (const byte of body) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await delay(200);
  }
  response.end();
}
