import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { introspectionProvider } from "../../../providers/introspection/index.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { entryOf, SECRET, TokenServer, USER } from "../introspection/fixture.ts";
import { clientKey, memoryStore, ORIGIN, proofFor, strangerKey, thumbprintOf } from "./fixture.ts";

/** Opaque tokens that are bound to a DPoP key by what their issuer's server says (RFC 9449 section 6.2). */

const TOKEN = "opaque-token-1";
let server: TokenServer;
beforeAll(() => {
  process.env[SECRET] = "s3cret";
});
afterAll(() => {
  delete process.env[SECRET];
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  server = new TokenServer();
  server.know({ [TOKEN]: { ...USER, token_type: "DPoP", cnf: { jkt: thumbprintOf(clientKey) }, exp: NOW + 600 } });
});
afterEach(() => {
  vi.useRealTimers();
});

function judgeBy() {
  const store = memoryStore();
  const dpop = { origins: [ORIGIN], replayTable: "proofs" };
  const config = configOf({ jwt: { issuers: [entryOf()] }, dpop });
  const by = introspectionProvider(config, {
    ...{ fetch: server.fetch, dpop: config.dpop, openProofStore: async () => store },
  });
  return async (proof: string | undefined, scheme: "dpop" | "bearer" = "dpop", cache?: object) => {
    const request = requestFor("GET", "/whoami", {
      ...(cache && { cache }),
      dpop: { proofs: proof === undefined ? [] : [proof], method: "GET", path: "/prod/whoami" },
    });
    const credential = { scheme, value: TOKEN, location: { in: "header", name: "authorization" } } as const;
    const verdict = await by?.verify(credential, request, new AbortController().signal);
    return verdict?.status === "authenticated" ? verdict.principal : verdict?.reason;
  };
}

test("an opaque token is accepted with a proof of its key, once, and each time with a new one", async () => {
  const judge = judgeBy();
  const proof = proofFor(TOKEN);
  expect(await judge(proof)).toMatchObject({ provider: "introspection", subject: "alice", confirmation: ["dpop"] });
  expect(await judge(proof)).toBe("dpop_proof_replayed");
  expect(await judge(proofFor(TOKEN))).toHaveProperty("confirmation");
});

test("and refused without it, with another's, as a bearer token, or where the answer is cached", async () => {
  const judge = judgeBy();
  expect(await judge(undefined)).toBe("dpop_proof_missing");
  expect(await judge(proofFor(TOKEN, { key: strangerKey }))).toBe("dpop_key_mismatch");
  expect(await judge(proofFor("another-token"))).toBe("dpop_token_mismatch");
  expect(await judge(proofFor(TOKEN), "bearer")).toBe("dpop_scheme_missing");
  expect(await judge(proofFor(TOKEN), "dpop", { headers: ["authorization"] })).toBe("token_confirmation_cached");
});
