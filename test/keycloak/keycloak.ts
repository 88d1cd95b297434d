import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { text } from "node:stream/consumers";

/** A realm that the tests create in Keycloak. */
export interface Realm {
  /** `https://…/realms/NAME`: issuer of its tokens, and entity id of its assertions. */
  readonly url: string;
  /** Of the user alice. */
  readonly password: string;
  /** Logs alice in at the SAML client as a browser does, and returns the SAMLResponse in base64. */
  samlResponse(): Promise<string>;
  /**
   * Logs alice in at the OpenID Connect client, and returns the access token.
   *
   * @param request how the token is asked for: with a DPoP proof, or with a client certificate
   */
  accessToken(request?: TokenRequest): Promise<string>;
  /**
   * Adds a client that acts for itself and may ask about tokens.
   *
   * @param key public key of its signatures (`private_key_jwt`); without it the client has a secret
   * @returns its secret
   */
  addServiceClient(clientId: string, key?: object): Promise<string>;
  /** Gets an access token for such a client itself, by its secret. */
  clientToken(clientId: string, secret: string): Promise<string>;
  /** Ends all sessions of alice. */
  endSessions(): Promise<void>;
  /** Adds a service provider, as it describes itself in its metadata. */
  addServiceProvider(entityId: string, consumerUrl: string): Promise<void>;
  /** Changes attributes of the SAML client. */
  changeSamlClient(attributes: Readonly<Record<string, string>>): Promise<void>;
  /** Adds a new signing key, which is used from now on. The old key stays published. */
  rotateKey(): Promise<void>;
  remove(): Promise<void>;
}

/** A request for a token that is bound to a key. */
export interface TokenRequest {
  /** Makes the header `DPoP` for a URL. */
  readonly proof?: (url: string) => Promise<string>;
  /** Sends the request to another address of Keycloak, over mutual TLS. */
  readonly mutualTls?: { readonly origin: string; readonly cert: string; readonly key: string; readonly ca: string };
}

const CALLBACK = "https://client.example.com/callback";

/** Creates the realm of realm.json with a random name and a random password. */
export async function createRealm(keycloak: string): Promise<Realm> {
  const password = randomBytes(16).toString("hex");
  const definition = JSON.parse(await readFile(new URL("realm.json", import.meta.url), "utf8"));
  const realm = `${definition.realm}-${randomBytes(4).toString("hex")}`;
  const [user] = definition.users;
  const users = [{ ...user, credentials: [{ type: "password", value: password }] }];
  await administer(keycloak, "POST", "/admin/realms", { ...definition, realm, users });
  const url = `${keycloak}/realms/${realm}`;
  const admin = `/admin/realms/${realm}`;
  const [client] = await administer(
    keycloak,
    "GET",
    `${admin}/clients?clientId=${encodeURIComponent(definition.clients[0].clientId)}`,
  );
  let bound = "";
  return {
    ...{ url, password },
    async samlResponse() {
      const page = await (await login(`${url}/protocol/saml/clients/api`, password)).text();
      const [, response] = /name="SAMLResponse"\s+value="([^"]+)"/i.exec(page) ?? [];
      if (!response) throw new Error(`no SAMLResponse in ${page.slice(0, 2000)}`);
      return response;
    },
    accessToken: async (request = {}) => {
      const binding = Object.keys(request).join();
      if (binding !== bound) await bindTokens(keycloak, admin, request);
      bound = binding;
      return accessToken(url, password, request);
    },
    async addServiceClient(clientId, key) {
      const secret = randomBytes(24).toString("hex");
      const { protocolMappers } = definition.clients.find(
        (each: { clientId: string }) => each.clientId === "api-client",
      );
      await administer(keycloak, "POST", `${admin}/clients`, {
        ...{ clientId, protocol: "openid-connect", publicClient: false, standardFlowEnabled: false, protocolMappers },
        serviceAccountsEnabled: true,
        ...(key
          ? {
              clientAuthenticatorType: "client-jwt",
              attributes: { "use.jwks.string": "true", "jwks.string": JSON.stringify({ keys: [key] }) },
            }
          : { secret }),
      });
      return secret;
    },
    async clientToken(clientId, secret) {
      const response = await fetch(`${url}/protocol/openid-connect/token`, {
        method: "POST",
        body: new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, client_secret: secret }),
      });
      const { access_token: token } = (await response.json()) as { access_token?: string };
      if (!token) throw new Error(`no token: ${response.status}`);
      return token;
    },
    async endSessions() {
      const [{ id }] = await administer(keycloak, "GET", `${admin}/users?username=alice`);
      await administer(keycloak, "POST", `${admin}/users/${id}/logout`);
    },
    async addServiceProvider(entityId, consumerUrl) {
      const [{ attributes, ...api }] = definition.clients;
      const { saml_idp_initiated_sso_url_name: _, ...kept } = attributes;
      await administer(keycloak, "POST", `${admin}/clients`, {
        ...{ ...api, clientId: entityId, redirectUris: [consumerUrl] },
        attributes: { ...kept, saml_assertion_consumer_url_post: consumerUrl },
      });
    },
    async changeSamlClient(attributes) {
      Object.assign(client.attributes, attributes);
      await administer(keycloak, "PUT", `${admin}/clients/${client.id}`, client);
    },
    async rotateKey() {
      const [{ id: parentId }] = [await administer(keycloak, "GET", admin)];
      await administer(keycloak, "POST", `${admin}/components`, {
        ...{ name: "new-key", providerId: "rsa-generated", providerType: "org.keycloak.keys.KeyProvider", parentId },
        config: { priority: ["200"], enabled: ["true"], active: ["true"], keySize: ["2048"] },
      });
    },
    remove: () => administer(keycloak, "DELETE", admin),
  };
}

/** Has the OpenID Connect client get tokens that are bound to its key. */
async function bindTokens(keycloak: string, admin: string, { proof, mutualTls }: TokenRequest): Promise<void> {
  const [client] = await administer(keycloak, "GET", `${admin}/clients?clientId=api-client`);
  await administer(keycloak, "PUT", `${admin}/clients/${client.id}`, {
    ...client,
    attributes: {
      ...client.attributes,
      "dpop.bound.access.tokens": String(proof !== undefined),
      "tls.client.certificate.bound.access.tokens": String(mutualTls !== undefined),
    },
  });
}

/** Runs the authorization code flow with PKCE (RFC 7636). */
async function accessToken(url: string, password: string, { proof, mutualTls }: TokenRequest): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const parameters = new URLSearchParams({
    ...{ client_id: "api-client", redirect_uri: CALLBACK, response_type: "code", scope: "openid" },
    ...{ code_challenge: challenge, code_challenge_method: "S256" },
  });
  const { headers } = await login(`${url}/protocol/openid-connect/auth?${parameters}`, password);
  const code = new URL(headers.get("location") ?? "").searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", client_id: "api-client", redirect_uri: CALLBACK };
  const body = new URLSearchParams({ ...form, code, code_verifier: verifier });
  const endpoint = `${url}/protocol/openid-connect/token`;
  const given = mutualTls
    ? await postOverMutualTls(endpoint, body, mutualTls)
    : await fetch(endpoint, {
        ...{ method: "POST", body },
        ...(proof && { headers: { DPoP: await proof(endpoint) } }),
      }).then((response) => response.text());
  const { access_token: token } = JSON.parse(given) as { access_token?: string };
  if (!token) throw new Error(`no token: ${given}`);
  return token;
}

async function postOverMutualTls(
  url: string,
  body: URLSearchParams,
  { origin, ...identity }: NonNullable<TokenRequest["mutualTls"]>,
): Promise<string> {
  const outgoing = request(new URL(new URL(url).pathname, origin), {
    ...{ ...identity, method: "POST", agent: false },
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  outgoing.end(body.toString());
  const [response] = await once(outgoing, "response");
  return text(response);
}

/** Opens a page, submits its login form, and returns the response. */
async function login(page: string, password: string): Promise<Response> {
  const form = await fetch(page, { redirect: "manual" });
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(await form.text()) ?? [];
  if (!action) throw new Error(`no form at ${page}: ${form.status}`);
  const cookie = form.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
  return fetch(action.replaceAll("&amp;", "&"), {
    ...{ method: "POST", redirect: "manual", headers: { cookie } },
    body: new URLSearchParams({ username: "alice", password, credentialId: "" }),
  });
}

/** Calls the administration API as the initial administrator. */
// biome-ignore lint/suspicious/noExplicitAny: the callers read one or two fields of the answer
async function administer(keycloak: string, method: string, path: string, body?: unknown): Promise<any> {
  const { KEYCLOAK_USER = "admin", KEYCLOAK_PASSWORD = "admin" } = process.env;
  const form = { grant_type: "password", client_id: "admin-cli", username: KEYCLOAK_USER, password: KEYCLOAK_PASSWORD };
  const tokens = await fetch(`${keycloak}/realms/master/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  const { access_token: token } = (await tokens.json()) as { access_token: string };
  const response = await fetch(`${keycloak}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.headers.get("content-type")?.includes("json") ? response.json() : undefined;
}
