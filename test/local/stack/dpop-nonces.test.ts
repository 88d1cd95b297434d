import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";
import { sampleRequests } from "../../../local/stack/sample-requests.ts";
import { inProcess } from "../../cli/in-process.ts";

/** The template with `DpopNonces`, as `npm start` serves it: how a client gets to know the server's nonce. */

let folder: string;
let stack: LocalStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-nonces-"));
  const template = join(folder, "template.yaml");
  await cp("template.yaml", template);
  stack = await startLocalStack({ template, parameters: { DpopNonces: "true", ReauthorizeEvery: "0" } });
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

const PATH = "/tenants/acme/orders";
const WRITE = "scope=orders:write";

/** The headers of a client with a new key, a token and a proof. */
async function headersBy(query: string): Promise<Record<string, string>> {
  const page = `/header/dpop?method=POST&path=/prod${PATH}&partner=true&${query}`;
  const text = await (await fetch(stack.issuers + page)).text();
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => line.split(": ") as [string, string]),
  );
}

async function post(headers: Record<string, string>) {
  const response = await fetch(`${stack.gateway.urls.RestApi}${PATH}`, { method: "POST", headers });
  await response.arrayBuffer();
  return {
    status: response.status,
    nonce: response.headers.get("dpop-nonce"),
    challenge: response.headers.get("www-authenticate"),
    reason: response.headers.get("x-sallyport-reason"),
  };
}

test("a client without a nonce is told one by a 401, and is accepted with it; the backend sends the next one", async () => {
  const refused = await post(await headersBy(`${WRITE}&nonce=false`));
  expect(refused).toEqual({
    status: 401,
    nonce: expect.stringMatching(/^[\w-]{32}$/),
    challenge: 'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"',
    reason: "dpop_nonce_missing",
  });
  const accepted = await post(await headersBy(`${WRITE}&nonce=${refused.nonce}`));
  expect(accepted).toMatchObject({ status: 200, nonce: expect.stringMatching(/^[\w-]{32}$/) });
});

test("a nonce that is not given out is refused, with the one that is", async () => {
  const { status, nonce, reason } = await post(await headersBy(`${WRITE}&nonce=of-yesterday`));
  expect([status, reason]).toEqual([401, "dpop_nonce_expired"]);
  expect((await post(await headersBy(`${WRITE}&nonce=${nonce}`))).status).toBe(200);
});

test("a caller without the right is told so by the challenge of the same 401, and which nonce is next", async () => {
  expect(await post(await headersBy("scope=none"))).toEqual({
    status: 401,
    nonce: expect.stringMatching(/^[\w-]{32}$/),
    challenge: 'DPoP error="insufficient_scope"',
    reason: "route_not_granted",
  });
});

test("a thief with a proof of another key is told no nonce", async () => {
  const headers = await headersBy(`${WRITE}&nonce=false`);
  const { DPoP = "" } = await headersBy(`${WRITE}&nonce=false`);
  expect(await post({ ...headers, DPoP })).toMatchObject({ status: 401, nonce: null, reason: null });
});

test("with `sallyport dpop` a request is tried by hand: a key, a token for it, a proof, and another with the nonce", async () => {
  const path = "/prod/whoami";
  const url = `${new URL(stack.gateway.urls.RestApi ?? "").origin}${path}`;
  const key = join(folder, "client.json");
  const proof = (...argv: string[]) => inProcess(["dpop", "--method", "GET", "--url", url, "--key", key, ...argv]);
  const [, jkt] = /key is ([\w-]{43})\./.exec((await proof("--new-key")).stderr) ?? [];
  const token = await (await fetch(`${stack.issuers}/jwt?jkt=${jkt}`)).text();
  const ask = async (...argv: string[]) => {
    const [name = "", value = ""] = (await proof("--token", token, ...argv)).stdout.trim().split(": ");
    return fetch(url, { headers: { Authorization: `DPoP ${token}`, [name]: value } });
  };
  const refused = await ask();
  const nonce = refused.headers.get("dpop-nonce") ?? "";
  expect([refused.status, nonce.length]).toEqual([401, 32]);
  const accepted = await ask("--nonce", nonce);
  expect([accepted.status, await accepted.json()]).toMatchObject([200, { subject: "alice", dpopNonce: nonce }]);
});

test("the start screen has a request without a nonce", () => {
  const titles = sampleRequests(stack.apis, stack.config).map(({ title }) => title);
  expect(titles).toContain("the same without a nonce of the server");
});
