import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";

/** The examples of docs/jwt-authorizers.md: Sallyport and AWS's JWT authorizer on one API, and the table of the page. */

const BACKEND = `export const handler = async ({ requestContext }) => ({
  statusCode: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(requestContext.authorizer),
});`;

const text = await readFile("docs/jwt-authorizers.md", "utf8");
let folder: string;
let stacks: Record<"http" | "rest", LocalStack>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-both-"));
  const templates = [...text.matchAll(/^```yaml\n(.+?)^```$/gms)].map(([, yaml = ""]) => yaml);
  const [, config = ""] = /^```json\n(.+?)^```$/ms.exec(text) ?? [];
  await mkdir(join(folder, "orders"));
  await writeFile(join(folder, "orders/index.mjs"), BACKEND);
  const project = join(folder, "own.config.ts");
  await writeFile(project, `export default ${config.replaceAll(/\$\{\w+\}/g, "keys")};`);
  const started: LocalStack[] = [];
  // One after the other: the second one uses the database of the first, whose address is in the environment.
  for (const [index, yaml] of templates.entries()) {
    const template = join(folder, `${index}.yaml`);
    await writeFile(template, yaml.replaceAll("CodeUri: sallyport/", `CodeUri: ${resolve(".")}/`));
    started.push(await startLocalStack({ template, project }));
  }
  const [http, rest] = started;
  if (!http || !rest) throw new Error("the page has two templates");
  stacks = { http, rest };
});
afterAll(async () => {
  await Promise.all(Object.values(stacks).map((stack) => stack.close()));
  await rm(folder, { recursive: true });
});

/** Claims of every token, which both authorizers accept. */
const SCOPES = "scope=orders:read+feed:read";

const page = (path: string) => async (stack: LocalStack) => (await fetch(`${stack.issuers}${path}`)).text();
const jwt = (query: string) => async (stack: LocalStack) => `Bearer ${await page(`/jwt?${query}`)(stack)}`;

/** A token that nobody signed with a key of the issuer: by a shared secret, or not at all. */
async function forged(stack: LocalStack, alg: "HS256" | "none"): Promise<string> {
  const [header = "", payload = ""] = (await page(`/jwt?${SCOPES}`)(stack)).split(".");
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString());
  if (alg === "none") {
    return `Bearer ${Buffer.from(JSON.stringify({ alg, kid })).toString("base64url")}.${payload}.`;
  }
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const secret = Buffer.from("a secret that nobody should ever take for a key");
  return `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(secret)}`;
}

/** The credentials of the page's table, by its first cell. */
const CREDENTIALS: Readonly<Record<string, ((stack: LocalStack) => Promise<string>)[]>> = {
  none: [],
  "with the route's scope": [jwt(SCOPES)],
  "without it": [jwt("scope=other"), jwt("")],
  expired: [jwt(`${SCOPES}&expires=-60`)],
  "for another audience": [jwt(`${SCOPES}&aud=https://else.example.com`)],
  "of another issuer": [jwt(`${SCOPES}&iss=https://else.example.com`), jwt(`${SCOPES}&iss=https://id.example.com/`)],
  "`HS256`, or `alg: none`": [(stack) => forged(stack, "HS256"), (stack) => forged(stack, "none")],
  "an ID token with the scope": [jwt(`${SCOPES}&nonce=n&at_hash=h`)],
  "an API key": [async (stack) => `ApiKey ${await page("/api-key?scope=orders:read")(stack)}`],
};

/** The rows of the table: the first cell, and what the two authorizers answer. */
const [, section = ""] = text.split("## What callers see");
const rows = [...section.matchAll(/^\| (.+?) \| (\d{3}.*?) \| (\d{3}.*?) \|$/gm)].map(
  ([, name = "", own = "", aws = ""]) => [name, own, aws] as const,
);

async function answerTo(url: string, Authorization?: string) {
  const response = await fetch(url, { headers: Authorization === undefined ? {} : { Authorization } });
  return { status: response.status, challenge: response.headers.get("www-authenticate"), body: await response.text() };
}

test("the page has a row for each kind of token", () => {
  expect(rows.map(([name]) => name)).toEqual(Object.keys(CREDENTIALS));
});

describe.each(rows)("%s", (name, own, aws) => {
  const credentials = CREDENTIALS[name] ?? [];

  test("ends as the page says, on the HTTP API", async () => {
    const { http } = stacks;
    for (const credential of credentials.length > 0 ? credentials : [undefined]) {
      for (const [path, said] of [
        ["/orders", own],
        ["/app/feed", aws],
      ] as const) {
        const { status, challenge, body } = await answerTo(`${http.gateway.urls.Api}${path}`, await credential?.(http));
        expect([path, status]).toEqual([path, Number(said.slice(0, 3))]);
        const [, shown] = /`(\{.+\})`/.exec(said) ?? [];
        if (shown) expect(body).toBe(shown);
        if (said.includes("error=")) expect(challenge).toContain(/`(error=[^`]+)`/.exec(said)?.[1]);
        if (said.endsWith("`www-authenticate: Bearer`")) expect(challenge).toBe("Bearer");
      }
    }
  });

  test("ends with the same statuses on the REST API", async () => {
    const { rest } = stacks;
    for (const credential of credentials.length > 0 ? credentials : [undefined]) {
      for (const [path, said] of [
        ["/orders", own],
        ["/feed", aws],
      ] as const) {
        const { status } = await answerTo(`${rest.gateway.urls.Api}${path}`, await credential?.(rest));
        expect([path, status]).toEqual([path, Number(said.slice(0, 3))]);
      }
    }
  });
});

test("a backend gets the caller from Sallyport, and the claims from AWS's authorizer", async () => {
  for (const [kind, feed] of [
    ["http", "/app/feed"],
    ["rest", "/feed"],
  ] as const) {
    const stack = stacks[kind];
    const Authorization = await jwt(SCOPES)(stack);
    const of = async (path: string) =>
      JSON.parse((await answerTo(`${stack.gateway.urls.Api}${path}`, Authorization)).body);
    const [own, aws] = [await of("/orders"), await of(feed)];
    expect(kind === "http" ? own.lambda : own).toMatchObject({ subject: "alice", providers: "jwt" });
    expect(kind === "http" ? aws.jwt.claims : aws.claims).toMatchObject({
      sub: "alice",
      iss: "https://id.example.com",
    });
    expect(kind === "http" ? aws.jwt : aws).not.toHaveProperty("subject");
  }
});
