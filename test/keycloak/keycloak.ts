import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";

/** A realm that the tests create in Keycloak. */
export interface Realm {
  /** `https://…/realms/NAME`: issuer of its tokens, and entity id of its assertions. */
  readonly url: string;
  /** Logs alice in at the SAML client as a browser does, and returns the SAMLResponse in base64. */
  samlResponse(): Promise<string>;
  /** Logs alice in at the OpenID Connect client, and returns the access token. */
  accessToken(): Promise<string>;
  /** Changes attributes of the SAML client. */
  changeSamlClient(attributes: Readonly<Record<string, string>>): Promise<void>;
  /** Adds a new signing key, which is used from now on. The old key stays published. */
  rotateKey(): Promise<void>;
  remove(): Promise<void>;
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
  return {
    url,
    async samlResponse() {
      const page = await (await login(`${url}/protocol/saml/clients/api`, password)).text();
      const [, response] = /name="SAMLResponse"\s+value="([^"]+)"/i.exec(page) ?? [];
      if (!response) throw new Error(`no SAMLResponse in ${page.slice(0, 2000)}`);
      return response;
    },
    accessToken: () => accessToken(url, password),
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

/** Runs the authorization code flow with PKCE (RFC 7636). */
async function accessToken(url: string, password: string): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const parameters = new URLSearchParams({
    ...{ client_id: "api-client", redirect_uri: CALLBACK, response_type: "code", scope: "openid" },
    ...{ code_challenge: challenge, code_challenge_method: "S256" },
  });
  const { headers } = await login(`${url}/protocol/openid-connect/auth?${parameters}`, password);
  const code = new URL(headers.get("location") ?? "").searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", client_id: "api-client", redirect_uri: CALLBACK };
  const response = await fetch(`${url}/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams({ ...form, code, code_verifier: verifier }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (!token) throw new Error(`no token: ${response.status}`);
  return token;
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
