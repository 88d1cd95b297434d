import { describe, expect, test } from "vitest";
import { type Claims, type Entry, judgeBy, NOW } from "./judge.ts";

/** Tokens as the products document them, written out independently of the presets. */
const API = "https://api.example.com";

interface Product {
  readonly entry: Entry;
  readonly user: Claims;
  readonly client?: Claims;
  readonly proves: object;
  readonly clientProves?: object;
  /** Tokens that must be refused: title → claims, reason. */
  readonly refused: Readonly<Record<string, readonly [Claims, string]>>;
}

// https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
const auth0User = {
  iss: "https://acme.eu.auth0.com/",
  sub: "auth0|507f1f77bcf86cd799439020",
  aud: [API, "https://acme.eu.auth0.com/userinfo"],
  azp: "spa1",
  scope: "openid read:orders",
  permissions: ["read:orders", "delete:orders"],
};

// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
const COGNITO = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_example";
const cognitoUser = {
  sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
  "cognito:groups": ["admins"],
  iss: COGNITO,
  version: 2,
  client_id: "app1",
  origin_jti: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
  token_use: "access",
  scope: "openid orders/read",
  auth_time: NOW - 10,
  jti: "j1",
  username: "alice",
};

const OKTA = "https://acme.okta.com/oauth2/default";
const oktaUser = {
  ver: 1,
  jti: "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
  iss: OKTA,
  aud: API,
  sub: "alice@example.com",
  cid: "0oab8eb55Kb9jdMIr5d6",
  uid: "00ujmkLgagxeRrAg20g3",
  scp: ["openid", "orders:read"],
  groups: ["admins"],
  auth_time: NOW - 10,
};

// https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
const GOOGLE = "https://accounts.google.com";
const googleUser = {
  iss: GOOGLE,
  azp: "1.apps.googleusercontent.com",
  aud: "1.apps.googleusercontent.com",
  sub: "10769150350006150715113082367",
  at_hash: "HK6E_P6Dh8Y93mRNtsDB1Q",
  hd: "example.com",
  email: "alice@example.com",
  email_verified: true,
};

const KEYCLOAK = "https://id.example.com/realms/acme";
const keycloakUser = {
  jti: "onrtac:1",
  iss: KEYCLOAK,
  aud: ["orders-api", "account"],
  sub: "f:1:alice",
  typ: "Bearer",
  azp: "web",
  sid: "s1",
  acr: "1",
  realm_access: { roles: ["offline_access", "staff"] },
  resource_access: { "orders-api": { roles: ["admin"] }, account: { roles: ["manage-account"] } },
  scope: "openid email",
  preferred_username: "alice",
  email: "alice@example.com",
};

const PRODUCTS: Record<string, Product> = {
  auth0: {
    entry: { preset: "auth0", issuer: auth0User.iss, audience: API },
    user: auth0User,
    proves: {
      subject: auth0User.sub,
      kind: "user",
      scopes: ["openid", "read:orders"],
      roles: ["read:orders", "delete:orders"],
    },
    client: {
      ...auth0User,
      sub: "m2m1@clients",
      azp: "m2m1",
      aud: API,
      gty: "client-credentials",
      scope: "read:orders",
    },
    clientProves: { kind: "client", scopes: ["read:orders"] },
    refused: {
      "an ID token": [{ ...auth0User, aud: "spa1", nonce: "n" }, "token_audience_mismatch"],
      "a token of another tenant": [{ ...auth0User, iss: "https://evil.eu.auth0.com/" }, "token_issuer_unknown"],
      "a token for the Management API": [
        { ...auth0User, aud: "https://acme.eu.auth0.com/api/v2/" },
        "token_audience_mismatch",
      ],
    },
  },
  cognito: {
    entry: { preset: "cognito", issuer: COGNITO, clientIds: ["app1", "m2m1"] },
    user: cognitoUser,
    proves: {
      subject: cognitoUser.sub,
      kind: "user",
      scopes: ["openid", "orders/read"],
      roles: ["admins"],
      attributes: { username: "alice" },
    },
    client: { ...cognitoUser, sub: "m2m1", client_id: "m2m1", username: undefined, auth_time: undefined },
    clientProves: { subject: "m2m1", kind: "client" },
    refused: {
      "an ID token": [
        { ...cognitoUser, token_use: "id", aud: "app1", client_id: undefined, "cognito:username": "alice" },
        "token_type_not_allowed",
      ],
      "a token of another app client": [{ ...cognitoUser, client_id: "app2" }, "token_client_not_allowed"],
      "a token that names its client in another claim": [
        { ...cognitoUser, client_id: undefined, azp: "app1" },
        "token_client_not_allowed",
      ],
      "a token of another user pool": [{ ...cognitoUser, iss: `${COGNITO}2` }, "token_issuer_unknown"],
      "a token without token_use": [{ ...cognitoUser, token_use: undefined }, "token_claim_invalid"],
    },
  },
  okta: {
    entry: { preset: "okta", issuer: OKTA, audience: API },
    user: oktaUser,
    proves: {
      subject: "alice@example.com",
      kind: "user",
      scopes: ["openid", "orders:read"],
      roles: ["admins"],
      attributes: { userId: oktaUser.uid },
    },
    client: { ...oktaUser, sub: oktaUser.cid, uid: undefined, groups: undefined, auth_time: undefined },
    clientProves: { subject: oktaUser.cid, kind: "client", roles: [] },
    refused: {
      "an ID token": [
        { ...oktaUser, aud: oktaUser.cid, cid: undefined, scp: undefined, at_hash: "h" },
        "token_type_not_allowed",
      ],
      "an ID token for the same audience, without a hash": [{ ...oktaUser, cid: undefined }, "token_claim_invalid"],
      "a token of the org authorization server": [
        { ...oktaUser, iss: "https://acme.okta.com" },
        "token_issuer_unknown",
      ],
      "a token for another API": [{ ...oktaUser, aud: "api://default" }, "token_audience_mismatch"],
    },
  },
  google: {
    entry: {
      preset: "google",
      issuer: GOOGLE,
      audience: "1.apps.googleusercontent.com",
      requiredClaims: { hd: "example.com" },
    },
    user: googleUser,
    proves: {
      subject: googleUser.sub,
      kind: "user",
      tenant: "example.com",
      scopes: [],
      attributes: { email: "alice@example.com", emailVerified: true },
    },
    client: { ...googleUser, azp: "117", sub: "117", at_hash: undefined, email: "bot@acme.iam.gserviceaccount.com" },
    clientProves: { kind: "client" },
    refused: {
      "a token for another application": [
        { ...googleUser, aud: "2.apps.googleusercontent.com" },
        "token_audience_mismatch",
      ],
      "a token of another Workspace domain": [{ ...googleUser, hd: "evil.example.net" }, "token_claim_invalid"],
      "a token of a private account": [{ ...googleUser, hd: undefined }, "token_claim_invalid"],
    },
  },
  keycloak: {
    entry: { preset: "keycloak", issuer: KEYCLOAK, audience: "orders-api", clientIds: ["web", "worker"] },
    user: keycloakUser,
    proves: {
      subject: "f:1:alice",
      kind: "user",
      scopes: ["openid", "email"],
      roles: ["offline_access", "staff", "admin"],
      attributes: { username: "alice", email: "alice@example.com" },
    },
    client: {
      ...keycloakUser,
      azp: "worker",
      client_id: "worker",
      clientHost: "192.0.2.1",
      sid: undefined,
      preferred_username: "service-account-worker",
    },
    clientProves: { kind: "client" },
    refused: {
      "an ID token": [{ ...keycloakUser, typ: "ID" }, "token_type_not_allowed"],
      "a refresh token": [{ ...keycloakUser, typ: "Refresh" }, "token_claim_invalid"],
      "a token of another realm": [
        { ...keycloakUser, iss: "https://id.example.com/realms/other" },
        "token_issuer_unknown",
      ],
      "a token of another client": [{ ...keycloakUser, azp: "other" }, "token_client_not_allowed"],
      "a token for another API": [{ ...keycloakUser, aud: "account" }, "token_audience_mismatch"],
    },
  },
};

describe.each(Object.entries(PRODUCTS))("by the preset %s", (_preset, product) => {
  const judge = judgeBy(product.entry);

  test("the token of a user proves the user", async () => {
    expect(await judge(product.user)).toMatchObject(product.proves);
  });

  test("the token of a machine proves a client", async () => {
    expect(await judge(product.client ?? {})).toMatchObject(product.clientProves ?? {});
  });

  test.each(Object.entries(product.refused))("%s is refused", async (_what, [claims, reason]) => {
    expect(await judge(claims)).toBe(reason);
  });
});

test("roles that Keycloak gives for another client are not the caller's here", async () => {
  const judge = judgeBy({ preset: "keycloak", issuer: KEYCLOAK, audience: "reports" });
  const token = { ...keycloakUser, aud: ["reports", "orders-api"] };
  expect(await judge(token)).toMatchObject({ roles: ["offline_access", "staff"] });
});

test("a token of Auth0 in the profile of RFC 9068 names its client by client_id", async () => {
  const { azp: client_id, ...rest } = auth0User;
  const judge = judgeBy({ preset: "auth0", issuer: auth0User.iss, audience: API, clientIds: "spa1" });
  expect(await judge({ ...rest, client_id }, { typ: "at+jwt" })).toHaveProperty("kind", "user");
  expect(await judge({ ...rest, client_id: "other" }, { typ: "at+jwt" })).toBe("token_client_not_allowed");
});
