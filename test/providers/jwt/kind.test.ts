import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kindOf } from "../../../providers/jwt/kind.ts";

/** Claims as the products document them, without what says nothing of the kind. */

describe("a client's token is", () => {
  test.each<[string, object, string]>([
    ["one whose sub is its client_id (RFC 9068 section 2.2)", { sub: "svc", client_id: "svc" }, "subject_is_client"],
    ["one whose sub is its azp (Google)", { sub: "1234", azp: "1234" }, "subject_is_client"],
    ["one whose sub is its cid (Okta)", { sub: "0oa1", cid: "0oa1", scp: ["a"] }, "subject_is_client"],
    ["one of Auth0's profile", { sub: "abc@clients", azp: "abc", gty: "client-credentials" }, "subject_is_client"],
    ["one of Auth0 by RFC 9068", { sub: "abc@clients", client_id: "abc" }, "subject_is_client"],
    ["one of Auth0 with a sub of its own", { sub: "x", azp: "abc", gty: ["client-credentials"] }, "gty"],
    ["one of Entra with idtyp", { sub: "o-1", oid: "o-1", azp: "app", idtyp: "app" }, "idtyp"],
    ["one of Entra without idtyp", { sub: "o-1", oid: "o-1", azp: "app", roles: ["Read"] }, "oid"],
    ["one of Entra's v1.0", { sub: "o-1", oid: "o-1", appid: "app" }, "oid"],
    [
      "one of Keycloak's service accounts",
      {
        ...{ sub: "f3c1", azp: "Batch", client_id: "Batch", preferred_username: "service-account-batch" },
        ...{ clientHost: "192.0.2.1", clientAddress: "192.0.2.1" },
      },
      "service_account",
    ],
    [
      "one of a Keycloak before 25, by its clientId",
      { sub: "f3c1", azp: "Batch", clientId: "Batch", preferred_username: "service-account-batch", auth_time: 0 },
      "service_account",
    ],
    [
      "one of Keycloak without the scope profile",
      { sub: "f3c1", azp: "batch", client_id: "batch", clientHost: "192.0.2.1", clientAddress: "192.0.2.1" },
      "service_account",
    ],
    ["one of Keycloak with the address alone", { azp: "batch", clientAddress: "192.0.2.1" }, "service_account"],
    ["one of Keycloak with the host alone", { azp: "batch", clientHost: "192.0.2.1" }, "service_account"],
    ["one of Cognito", { sub: "5abc", client_id: "5abc", token_use: "access" }, "subject_is_client"],
  ])("%s", (_what, claims, kindFrom) => {
    expect(kindOf(claims as never)).toEqual({ kind: "client", kindFrom });
  });
});

describe("a user's token is", () => {
  test.each<[string, object, string]>([
    ["one whose sub is not its client", { sub: "alice", client_id: "web" }, "subject_is_not_client"],
    ["one of Okta", { sub: "alice@example.com", cid: "0oa1", uid: "00u1", scp: ["openid"] }, "subject_is_not_client"],
    ["one of Auth0", { sub: "auth0|1", azp: "abc" }, "subject_is_not_client"],
    ["one with auth_time", { sub: "alice", auth_time: 1_700_000_000 }, "session"],
    ["one with amr", { sub: "alice", client_id: "web", amr: ["pwd", "otp"] }, "session"],
    ["one with sid (Keycloak)", { sub: "f3c1", azp: "web", preferred_username: "alice", sid: "s-1" }, "session"],
    ["one with sid and without sub", { sid: "s-1" }, "session"],
    ["one of Cognito", { sub: "u-1", client_id: "5abc", token_use: "access", username: "alice" }, "username"],
    ["an ID token of Cognito", { sub: "u-1", aud: "5abc", token_use: "id", "cognito:username": "alice" }, "username"],
    ["one of Entra with idtyp", { sub: "p-1", oid: "o-1", azp: "app", idtyp: "user", scp: "Read" }, "idtyp"],
    ["one of Entra without idtyp", { sub: "p-1", oid: "o-1", azp: "app", scp: "Read" }, "scp"],
    ["one of Entra with its oid as its subject, and permissions", { sub: "o-1", oid: "o-1", scp: "Read" }, "scp"],
  ])("%s", (_what, claims, kindFrom) => {
    expect(kindOf(claims as never)).toEqual({ kind: "user", kindFrom });
  });
});

describe("the kind is unknown of a token that", () => {
  test.each<[string, object, string]>([
    ["says nothing", {}, "nothing"],
    ["has a sub alone", { sub: "alice" }, "nothing"],
    ["has a client alone", { client_id: "web" }, "nothing"],
    ["has neither sub nor client where both would be undefined", { scope: "a" }, "nothing"],
    ["has a sub that is no text", { sub: 5, client_id: 5 }, "nothing"],
    ["has an empty sub and client", { sub: "", client_id: "" }, "nothing"],
    ["has a client that is a list", { sub: "svc", client_id: ["svc"] }, "nothing"],
    ["has an idtyp of another kind", { sub: "o-1", idtyp: "device" }, "nothing"],
    [
      "names a service account of another client, and no client",
      { preferred_username: "service-account-a" },
      "nothing",
    ],
    [
      "has the name of a service account alone, which its holder may have chosen (Keycloak)",
      { sub: "f3c1", azp: "batch", preferred_username: "service-account-batch" },
      "nothing",
    ],
    [
      "has that name where every token has a client_id (RFC 9068)",
      { sub: "alice", client_id: "web", azp: "web", preferred_username: "service-account-web" },
      "nothing",
    ],
    [
      "has that name in Okta",
      { sub: "alice@example.com", cid: "0oa1", preferred_username: "service-account-0oa1" },
      "nothing",
    ],
    [
      "has that name, and a clientId that is another",
      { sub: "f3c1", azp: "batch", clientId: "web", preferred_username: "service-account-batch" },
      "nothing",
    ],
    ["has the form of a client of Auth0, and no client", { sub: "abc@clients" }, "nothing"],
    ["has a username that is not Cognito's", { sub: "alice", username: "alice" }, "nothing"],
    ["has an ID token's username in an access token", { token_use: "access", "cognito:username": "a" }, "nothing"],
    ["has an access token's username in an ID token", { token_use: "id", username: "a" }, "nothing"],
    ["has permissions, and no oid", { sub: "alice", scp: "Read" }, "nothing"],
    ["has an oid, and permissions in a list", { sub: "alice", oid: "o-1", scp: ["Read"] }, "nothing"],
    ["has an oid that is not its sub, and no permissions (Entra)", { sub: "p-1", oid: "o-1" }, "nothing"],
    ["has an oid that is empty, as its sub is", { sub: "", oid: "" }, "nothing"],
    ["has a client's host, and no client", { clientHost: "192.0.2.1", clientAddress: "192.0.2.1" }, "nothing"],
    ["has an empty amr, and an auth_time and a sid that are none", { amr: [], auth_time: "now", sid: 1 }, "nothing"],
    [
      "has an amr and an auth_time that are texts, and an empty sid",
      { amr: "pwd", auth_time: "1", sid: "" },
      "nothing",
    ],
    ["has a session and is its own client", { sub: "svc", client_id: "svc", sid: "s-1" }, "contradiction"],
    ["is an app's by idtyp and has a session", { sub: "o", idtyp: "app", auth_time: 1 }, "contradiction"],
    ["is a user's by idtyp and its own client", { sub: "svc", azp: "svc", idtyp: "user" }, "contradiction"],
    [
      "is of somebody who took a service account's name",
      { sub: "f3c1", azp: "batch", preferred_username: "service-account-batch", sid: "s-1" },
      "contradiction",
    ],
  ])("%s", (_what, claims, kindFrom) => {
    expect(kindOf(claims as never)).toEqual({ kind: "unknown", kindFrom });
  });
});

test("a user makes no client of himself by his name", () => {
  const own = { sub: "f3c1", preferred_username: "service-account-batch" };
  const written = fc.record(
    { client_id: fc.constant("batch"), azp: fc.constant("batch"), cid: fc.constant("batch"), sid: fc.constant("s-1") },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(written, (others) => kindOf({ ...own, ...others }).kind !== "client"));
});

test("a claim more never makes a client of a user, or a user of a client, but where the token was only told by its sub", () => {
  const value = fc.constantFrom<unknown>("svc", "alice", "svc@clients", "service-account-svc", "app", "user", "id", 1, [
    "pwd",
  ]);
  const names = ["sub", "client_id", "azp", "idtyp", "oid", "gty", "preferred_username", "auth_time", "amr", "sid"];
  const claims = fc.dictionary(fc.constantFrom(...names), value);
  fc.assert(
    fc.property(claims, fc.constantFrom("idtyp", "auth_time", "amr", "sid", "gty"), value, (given, name, added) => {
      fc.pre(!Object.hasOwn(given, name));
      const [before, after] = [kindOf(given), kindOf({ ...given, [name]: added })];
      fc.pre(before.kind !== "unknown" && before.kindFrom !== "subject_is_not_client");
      expect([before.kind, "unknown"]).toContain(after.kind);
    }),
    { numRuns: 2000 },
  );
});
