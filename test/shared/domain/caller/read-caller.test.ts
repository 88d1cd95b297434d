import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contextOf } from "../../../../shared/domain/caller/context.ts";
import { CallerMissingError, readCaller } from "../../../../shared/domain/caller/read-caller.ts";
import { callerOf, client, NOW, user } from "../../../fixtures.ts";

const CONTEXT = contextOf(
  callerOf({
    subject: 'J"örg %41',
    client: "partner",
    scopes: ["orders:read", "a b"],
    roles: ["admin"],
    attributes: { email: "j@example.com", level: 3, vip: true },
    principals: [user(), client()],
  }),
);
const EXPECTED = {
  subject: 'J"örg %41',
  issuer: "https://id.example.com",
  kind: "user",
  tenant: "acme",
  clientId: "partner",
  scopes: ["orders:read", "a b"],
  roles: ["admin"],
  providers: ["jwt", "api-key"],
  expiresAt: NOW + 600,
  attributes: { email: "j@example.com", level: "3", vip: "true" },
};
const asText = Object.fromEntries(Object.entries(CONTEXT).map(([name, value]) => [name, String(value)]));

describe("the caller is read from an event of", () => {
  test.each<[string, unknown]>([
    [
      "a REST API, which makes text of everything and adds its own",
      { requestContext: { authorizer: { ...asText, principalId: "x", integrationLatency: 12 } } },
    ],
    [
      "an HTTP API with payload 2.0, which leaves types as they are",
      { requestContext: { authorizer: { lambda: CONTEXT } } },
    ],
    ["an HTTP API with payload 1.0", { requestContext: { authorizer: asText } }],
    ["a WebSocket route", { requestContext: { routeKey: "send", authorizer: { ...asText, principalId: "x" } } }],
    ["an AppSync resolver", { identity: { resolverContext: asText }, arguments: {} }],
  ])("%s", (_, event) => {
    expect(readCaller(event)).toEqual(EXPECTED);
  });
});

test("what a caller does not have is left out", () => {
  const { tenant: _, expiresAt: __, ...caller } = callerOf();
  const event = { requestContext: { authorizer: contextOf(caller) } };
  expect(readCaller(event)).toEqual({
    subject: "alice",
    issuer: "https://id.example.com",
    kind: "user",
    scopes: [],
    roles: [],
    providers: ["jwt"],
    attributes: {},
  });
});

test("a caller may be of an unknown kind", () => {
  const event = { requestContext: { authorizer: contextOf(callerOf({ kind: "unknown" })) } };
  expect(readCaller(event)).toMatchObject({ subject: "alice", kind: "unknown" });
});

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["no authorizer", { requestContext: {} }],
  ["an HTTP API's without context", { requestContext: { authorizer: { lambda: null } } }],
  ["another authorizer's context", { requestContext: { authorizer: { principalId: "me", claims: { sub: "me" } } } }],
  [
    "AWS's JWT authorizer of an HTTP API, whatever the token claims",
    { requestContext: { authorizer: { jwt: { claims: { ...asText, lambda: CONTEXT }, scopes: null } } } },
  ],
  [
    "AWS's JWT authorizer of a REST API, whatever the token claims",
    { requestContext: { authorizer: { claims: { ...asText, lambda: CONTEXT } } } },
  ],
  ["an AppSync identity of another kind", { identity: { sub: "me", resolverContext: null } }],
  ["what a caller wrote into the body", { body: JSON.stringify(CONTEXT), subject: "root", kind: "user", issuer: "me" }],
])("an event with %s has no caller", (_, event) => {
  expect(() => readCaller(event)).toThrow(CallerMissingError);
});

describe("a context that is not whole has no caller:", () => {
  test.each<[string, object]>([
    ["without a subject", { subject: undefined }],
    ["with a subject that is no text", { subject: 7 }],
    ["without an issuer", { issuer: undefined }],
    ["with an issuer that is no text", { issuer: null }],
    ["without a kind", { kind: undefined }],
    ["of another kind", { kind: "admin" }],
    ["of an empty kind", { kind: "" }],
  ])("%s", (_, changes) => {
    const event = { requestContext: { authorizer: { ...CONTEXT, ...changes } } };
    expect(() => readCaller(event)).toThrow(CallerMissingError);
  });

  test("the error says what is missing", () => {
    expect(() => readCaller({})).toThrow("The event has no caller of Sallyport's: its route needs the authorizer.");
    expect(new CallerMissingError().name).toBe("CallerMissingError");
  });
});

test("a caller may be a client", () => {
  const event = { requestContext: { authorizer: { ...CONTEXT, kind: "client" } } };
  expect(readCaller(event).kind).toBe("client");
});

test("attributes without a value are left out, and a list that is no text is empty", () => {
  const changes = { email: null, level: undefined, roles: 7, scopes: null, extra: "x" };
  const event = { requestContext: { authorizer: { ...CONTEXT, ...changes } } };
  expect(readCaller(event)).toMatchObject({ attributes: { vip: "true", extra: "x" }, roles: [], scopes: [] });
  expect(Object.keys(readCaller(event).attributes).sort()).toEqual(["extra", "vip"]);
});

test("text that the authorizer did not write is left as it is", () => {
  const event = { requestContext: { authorizer: { ...CONTEXT, note: "100%" } } };
  expect(readCaller(event).attributes.note).toBe("100%");
});

test("whatever the texts, they come through as they were", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(text, text, fc.array(text, { maxLength: 5 }), (subject, tenant, roles) => {
      const event = { requestContext: { authorizer: contextOf(callerOf({ subject, tenant, roles })) } };
      expect(readCaller(event)).toMatchObject({ subject, tenant, roles });
    }),
  );
});
