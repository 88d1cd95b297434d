import { describe, expect, test } from "vitest";
import { http1, http2 } from "../../../../functions/authorizer/api-kinds/http.ts";
import { restRequest, restToken } from "../../../../functions/authorizer/api-kinds/rest.ts";
import { webSocket } from "../../../../functions/authorizer/api-kinds/websocket.ts";
import { contextOf } from "../../../../shared/domain/caller/context.ts";
import type { Denied, Unauthenticated } from "../../../../shared/domain/decision.ts";
import { denyAll } from "../../../../shared/domain/policy/compile.ts";
import { API, callerOf, configOf, requestFor } from "../../../fixtures.ts";

const dpop = { origins: ["https://api.example.com"], replayTable: "proofs" };
const asking = configOf({ dpop: { ...dpop, nonce: { secret: { environment: "SECRET" } } } });
const plain = configOf({ dpop });
const request = requestFor("GET", "/whoami");
const unproved: Unauthenticated = { outcome: "unauthenticated", reason: "dpop_nonce_missing", dpopNonce: "n0nce" };

describe("a client whose proof lacks the server's nonce", () => {
  test("is denied by a policy for everything, with the nonce and a challenge for the gateway response", () => {
    expect(restRequest.respond(unproved, request, asking)).toEqual({
      principalId: "unresolved",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Action: "execute-api:Invoke", Resource: [`${API}/prod/*`] }],
      },
      context: {
        reason: "dpop_nonce_missing",
        dpopNonce: "n0nce",
        wwwAuthenticate:
          'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"',
      },
    });
  });

  test.each([
    ["where the answer may be cached", { ...request, cache: { headers: ["authorization"] } }, asking],
    ["where it may be cached by anything", { ...request, cache: {} }, asking],
    ["without `dpop.nonce`", request, plain],
  ])("is unauthorized %s", (_where, by, config) => {
    expect(() => restRequest.respond(unproved, by, config)).toThrow("Unauthorized");
  });

  test.each([http1, http2, webSocket])("is unauthorized on $name, which has no gateway responses for it", (kind) => {
    expect(() => kind.respond(unproved, request, asking)).toThrow("Unauthorized");
  });
});

test("others without a valid credential are unauthorized as ever", () => {
  const refused: Unauthenticated = { outcome: "unauthenticated", reason: "dpop_key_mismatch" };
  expect(() => restRequest.respond(refused, request, asking)).toThrow("Unauthorized");
});

describe("a caller without the right", () => {
  const caller = callerOf();
  const denied: Denied = {
    outcome: "deny",
    reason: "route_not_granted",
    caller,
    grants: [],
    policy: denyAll(request.resource),
  };
  const credential = { value: "t", location: { in: "header", name: "authorization" } } as const;

  test.each([
    [restRequest, "dpop", "DPoP"],
    [restRequest, "bearer", "Bearer"],
    [restToken, "bearer", "Bearer"],
  ] as const)(
    "is told by %o with %s that a right is missing: the status of all denials is 401",
    (kind, scheme, shown) => {
      const by = { ...request, credentials: [{ ...credential, scheme }] };
      expect(kind.respond(denied, by, asking)).toHaveProperty("context", {
        ...contextOf(caller),
        reason: "route_not_granted",
        wwwAuthenticate: `${shown} error="insufficient_scope"`,
      });
    },
  );

  test("is told nothing of it without `dpop.nonce`", () => {
    expect(restRequest.respond(denied, request, plain)).not.toHaveProperty("context.wwwAuthenticate");
  });
});

test("an allowed caller's context has the next nonce for the backend to send on", () => {
  const caller = callerOf();
  const [alone] = caller.principals;
  if (!alone) throw new Error("no principal");
  const confirmed = { ...caller, principals: [{ ...alone, dpopNonce: "next" }] };
  const answer = restRequest.respond(
    { outcome: "allow", caller: confirmed, grants: [], policy: denyAll(request.resource) },
    request,
    asking,
  );
  expect(answer).toHaveProperty("context.dpopNonce", "next");
  expect(answer).not.toHaveProperty("context.wwwAuthenticate");
});
