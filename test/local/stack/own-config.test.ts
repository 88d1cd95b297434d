import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withLocalKeys } from "../../../local/stack/local-keys.ts";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";
import { sampleRequests } from "../../../local/stack/sample-requests.ts";
import { startScreen } from "../../../local/stack/start-screen.ts";
import { LOCAL } from "../../../local/stage/configuration.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";

/** A project of its own behind the local gateway: its mappings, limits and names are what is rehearsed. */

const ENTRA = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0";

const PROJECT: SallyportConfig = {
  jwt: {
    issuers: [
      {
        ...{ issuer: ENTRA, audience: ["api://orders", "orders"], algorithms: ["PS256"], types: ["at+jwt"] },
        ...{ keys: { jwksUri: "https://login.microsoftonline.com/common/keys" }, kind: "user" as const },
        claims: {
          ...{ subject: "oid", tenant: ["app_metadata", "tenant"], scopes: ["scp"], roles: [["realm", "roles"]] },
          attributes: { plan: ["app_metadata", "plan"] },
        },
        requiredClaims: { token_use: ["access", "other"], ver: "2.0" },
      },
      {
        ...{ issuer: "batch", audience: "jobs", algorithms: ["HS512"], kind: "client" as const },
        ...{ keys: { secret: { secretsManager: "batch" } }, fixed: { tenant: "acme", scopes: ["jobs"] } },
      },
    ],
  },
  saml: {
    audience: "urn:orders",
    recipients: "https://orders.example.org/acs",
    identityProviders: [
      {
        ...{ issuer: "https://sts.example.org/adfs", metadata: { url: "https://sts.example.org/metadata.xml" } },
        ...{ preset: "adfs" as const, attributes: { tenant: "urn:tenant" }, algorithms: ["rsa-sha512"] },
        fixed: { scopes: ["orders:read"] },
      },
    ],
  },
  apiKeys: {
    ...{ prefix: "ord", environment: "eu1", table: "arn:aws:dynamodb:eu-west-1:111122223333:table/keys" },
    peppers: [{ id: "p7", secret: { kms: { keyId: "alias/x", ciphertext: "AAAA" } } as never }],
  },
  credentials: { headers: { "x-partner-token": "bearer" }, maxCount: 2 },
  httpApi: { simpleResponses: false },
  policy: { maxLifetime: 600 },
  routes: [
    { name: "who", methods: ["GET"], paths: ["/whoami"] },
    {
      ...{ name: "orders", methods: ["GET"], paths: ["/tenants/{tenant}/orders"] },
      ...{ scopes: { allOf: ["orders:read"] }, issuers: [ENTRA, "https://sts.example.org/adfs"] },
    },
    { name: "gold", methods: ["GET"], paths: ["/tenants/{tenant}/orders"], attributes: { plan: "gold-*" } },
    {
      ...{ name: "private", methods: ["GET"], paths: ["/tenants/{tenant}/orders"] },
      ...{ vpcEndpoints: ["vpce-0123456789abcdef0"], stages: ["prod"] },
    },
    { name: "released", methods: ["GET"], paths: ["/whoami"], stages: ["prod"] },
  ],
};

let folder: string;
let stack: LocalStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-own-"));
  await save(PROJECT);
  stack = await startLocalStack({ template: "template.yaml", project: join(folder, "own.config.ts") });
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

/** The configuration in two files, as a larger one is. */
async function save(project: SallyportConfig): Promise<void> {
  await writeFile(join(folder, "routes.ts"), `export default ${JSON.stringify(project.routes)};`);
  const whole = JSON.stringify({ ...project, routes: undefined });
  await writeFile(
    join(folder, "own.config.ts"),
    `import routes from "./routes.ts";\nexport default { ...${whole}, routes };`,
  );
}

async function call(header: string, path = "/whoami"): Promise<{ status: number; body: Record<string, unknown> }> {
  const lines = (await (await fetch(`${stack.issuers}/header/${header}`)).text()).trim().split("\n");
  const headers = lines.map((line) => line.split(": ") as [string, string]);
  const response = await fetch(`${stack.gateway.urls.RestApi}${path}`, { headers });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe("a JWT issuer of the project", () => {
  test("keeps its name, mapping, type and required claims", async () => {
    expect(await call("jwt?scp=orders:read&roles=buyer+admin&plan=gold")).toMatchObject({
      status: 200,
      body: { issuer: ENTRA, subject: "alice", kind: "user", tenant: "acme", roles: ["buyer", "admin"] },
    });
    expect((await call("jwt?scope=orders:read", "/tenants/acme/orders")).status).toBe(200);
  });

  test.each([
    ["another audience", "jwt?aud=api://other"],
    ["a required claim of another value", "jwt?token_use=id"],
    ["a missing tenant, which its rule needs", "jwt?scope=orders:read&tenant=globex", "/tenants/acme/orders", 403],
  ])("refuses %s, as it does when deployed", async (_, header, path = "/whoami", status = 401) => {
    expect((await call(header, path)).status).toBe(status);
  });

  test("signs with a shared secret if its own does", async () => {
    expect(await call("jwt?iss=batch&sub=nightly")).toMatchObject({
      status: 200,
      body: { issuer: "batch", kind: "client", tenant: "acme", scopes: ["jobs"] },
    });
  });
});

test("an identity provider of the project keeps its name, preset, attributes, fixed values and algorithms", async () => {
  expect(await call("saml?roles=buyer&email=alice@example.org")).toMatchObject({
    status: 200,
    body: { issuer: "https://sts.example.org/adfs", tenant: "acme", roles: ["buyer"], scopes: ["orders:read"] },
  });
  expect((await call("saml?tenant=acme", "/tenants/acme/orders")).status).toBe(200);
});

test("API keys keep their prefix and environment", async () => {
  const key = await (await fetch(`${stack.issuers}/api-key`)).text();
  expect(key).toMatch(/^ord_eu1_/);
  expect(await call("api-key")).toMatchObject({ status: 200, body: { issuer: "api-keys:eu1" } });
});

test("only keys and addresses are swapped", async () => {
  const { certificate } = await createSigningIdentity();
  const keySet = "http://127.0.0.1:1/jwks";
  const local = withLocalKeys(PROJECT, {
    ...{ keySet, authorizationServer: "http://127.0.0.1:1" },
    ...{ samlCertificate: certificate, encryptionCertificate: certificate },
  });
  const { jwt, saml, apiKeys, ...rest } = local;
  const { jwt: ownJwt, saml: ownSaml, apiKeys: ownKeys, ...ownRest } = PROJECT;
  expect(rest).toEqual(ownRest);
  expect(jwt?.issuers.slice(0, 2)).toEqual([
    { ...ownJwt?.issuers[0], keys: { jwksUri: keySet } },
    { ...ownJwt?.issuers[1], keys: { secret: { environment: expect.any(String) } } },
  ]);
  const [{ metadata: _, ...provider } = {}] = ownSaml?.identityProviders ?? [];
  expect(saml).toEqual({ ...ownSaml, identityProviders: [{ ...provider, certificates: [certificate] }] });
  expect(apiKeys).toEqual({
    ...ownKeys,
    table: expect.any(String),
    peppers: [{ id: "p7", secret: { environment: expect.any(String) } }],
  });
});

test("a section that the project does not have is not rehearsed", () => {
  const local = withLocalKeys(
    { routes: PROJECT.routes, apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "P" } }] } },
    { keySet: "", authorizationServer: "", samlCertificate: "", encryptionCertificate: "" },
  );
  expect(local).not.toHaveProperty("jwt");
  expect(local).not.toHaveProperty("saml");
});

test("a changed module of the configuration is read, and after a mistake the last good one serves on", async () => {
  const file = resolve(folder, "own.config.ts");
  const [who, orders] = PROJECT.routes;
  await save({ ...PROJECT, routes: [{ ...who, paths: ["/other"] } as never, orders as never] });
  await stack.reload();
  expect((await call("jwt")).status).toBe(403);
  await save({ ...PROJECT, routes: [{ ...who, paths: ["whoami"] } as never] });
  await expect(stack.reload()).rejects.toThrow(/own\.config\.ts has 1 mistake:\n {2}routes\[0\]\.paths\[0\]: found/);
  await writeFile(file, "export default {");
  await expect(stack.reload()).rejects.toThrow(/own\.config\.ts cannot be loaded: /);
  expect((await call("jwt")).status).toBe(403);
  await save(PROJECT);
  await stack.reload();
  expect((await call("jwt")).status).toBe(200);
});

test("the clone's own configuration has an issuer and an identity provider, by the template's parameters or local ones", async () => {
  const namesFor = async (parameters: Record<string, string>) => {
    const own = await startLocalStack({ template: "template.yaml", parameters });
    await own.close();
    const { jwt, saml } = own.config;
    return [jwt?.issuers[0]?.issuer, jwt?.issuers[0]?.audience?.[0], saml?.identityProviders[0]?.issuer];
  };
  expect(await namesFor({})).toEqual([LOCAL.jwtIssuer, LOCAL.audience, LOCAL.samlIssuer]);
  const named = { JwtIssuer: "https://id.example.org", JwtAudience: "orders" };
  expect(await namesFor(named)).toEqual(["https://id.example.org", "orders", LOCAL.samlIssuer]);
});

test("the start screen has requests for rules that look at attributes, VPC endpoints and stages, and says how each ends", async () => {
  const requests = sampleRequests(stack.apis, stack.config);
  const rehearsed = await stack.rehearse(requests);
  const endOf = (title: string) => rehearsed.find(({ request }) => request.title === title)?.record.outcome;
  expect({
    gold: endOf("a user with plan as gold asks"),
    plain: endOf("the same without"),
    inside: endOf("a user through a VPC endpoint"),
    elsewhere: endOf("the same through another"),
    stage: endOf("a user on the stage prod, for released"),
  }).toEqual({ gold: "allow", plain: "deny", inside: "allow", elsewhere: "deny", stage: "allow" });
  expect(startScreen(stack, rehearsed)).toContain("-H x-amzn-vpce-id:vpce-0123456789abcdef0");
});
