import { createHash, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { vi } from "vitest";
import { createHandler } from "../../../functions/federation/create-handler.ts";
import { openServices } from "../../../functions/federation/open-services.ts";
import type { Services } from "../../../functions/federation/services.ts";
import { createTable, useDynamoDb } from "../../../local/stage/database.ts";
import {
  type AssertionOptions,
  type CredentialForm,
  issueSamlCredential,
} from "../../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity, type SigningIdentity } from "../../../local/stage/saml/signing.ts";
import { parseConfig } from "../../../shared/domain/config/parse.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import type { SallyportEvent } from "../../../shared/domain/events/events.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { NOW } from "../../fixtures.ts";

/** The login's function in this process, with an embedded table and identity providers of its own. */

export const ISSUER = "https://login.example.com";
export const RESOURCE = "https://api.example.com";
export const REDIRECT = "https://app.example.com/callback";
export const IDP = "https://idp.acme.example";

const SIGNING_VARIABLE = "SALLYPORT_TEST_SIGNING_KEY";

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** Parameters of the Location. */
  readonly to: URLSearchParams;
}

export interface Sent {
  readonly query?: Readonly<Record<string, string>> | string;
  readonly form?: Readonly<Record<string, string>> | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly connection?: string;
}

/** A login that has begun, and what its parts are. */
export interface Begun {
  readonly relayState: string;
  readonly requestId: string;
  /** `name=value` of the cookie. */
  readonly cookie: string;
  readonly verifier: string;
  readonly request: string;
}

export async function createHarness(adjust: (config: SallyportConfig) => SallyportConfig = (config) => config) {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  const database = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = database.endpoint;
  const table = `login-${randomUUID()}`;
  await createTable(database.endpoint, tableDefinition(table));
  const signingKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  process.env[SIGNING_VARIABLE] = signingKey.export({ type: "pkcs8", format: "pem" }).toString();
  const [acme, globex] = await Promise.all([createSigningIdentity(), createSigningIdentity()]);
  const provider = (issuer: string, connection: string, { certificate }: SigningIdentity) => ({
    ...{
      issuer,
      certificates: [certificate],
      fixed: { tenant: connection },
      attributes: { scopes: ["scopes"], roles: ["roles"] },
    },
    login: { connection, singleSignOnUrl: `${issuer}/sso` },
  });
  const config = parseConfig(
    adjust({
      saml: {
        ...{ audience: "https://api.example.com/saml", recipients: "https://api.example.com/saml/acs" },
        identityProviders: [provider(IDP, "acme", acme), provider("https://idp.globex.example", "globex", globex)],
      },
      federation: {
        ...{ issuer: ISSUER, table, resources: RESOURCE, signing: { development: { environment: SIGNING_VARIABLE } } },
        clients: [{ id: "web", redirectUris: [REDIRECT] }],
      },
      routes: [{ name: "all", methods: ["GET"], paths: ["/orders"] }],
    }),
  );
  const told: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => told.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0);
  const write = (text: unknown) => {
    told.push(String(text));
  };
  for (const level of ["info", "warn", "error", "log"] as const) vi.spyOn(console, level).mockImplementation(write);
  const events: SallyportEvent[] = [];
  const services: Services = {
    ...(await openServices(config, undefined)),
    tell: async (event) => {
      events.push(event);
    },
  };
  const revoked: string[] = [];

  async function send(route: string, sent: Sent = {}, replaced: Partial<Services> = {}): Promise<Answered> {
    const revoke = async (tokenId: string) => {
      revoked.push(tokenId);
    };
    const handler = createHandler({ ...services, revoke, ...replaced });
    const { query = "", form, headers = {}, cookies, connection } = sent;
    const body = form === undefined ? undefined : encoded(form);
    const event = {
      ...{ version: "2.0", routeKey: route, rawQueryString: encoded(query) },
      headers: { ...(body !== undefined && { "content-type": "application/x-www-form-urlencoded" }), ...headers },
      ...(cookies && { cookies }),
      ...(connection !== undefined && { pathParameters: { connection } }),
      ...(body !== undefined && { body: Buffer.from(body).toString("base64"), isBase64Encoded: true }),
      requestContext: { requestId: "JKJaXmPLvHcESHA=", http: { sourceIp: "192.0.2.1" } },
    };
    const context = { getRemainingTimeInMillis: () => 10_000, awsRequestId: "1", functionName: "federation" };
    const answer = (await handler(event, context as never)) as {
      statusCode: number;
      headers: Record<string, string>;
      cookies?: string[];
      body?: string;
    };
    const { statusCode, headers: given, cookies: set = [], body: text = "" } = answer;
    return {
      ...{ status: statusCode, headers: given, cookies: set, text },
      json: given["Content-Type"]?.includes("json") ? JSON.parse(text) : {},
      to: URL.parse(given.Location ?? "")?.searchParams ?? new URLSearchParams(),
    };
  }

  async function begin(query: Readonly<Record<string, string>> = {}): Promise<Begun> {
    const verifier = randomBytes(32).toString("base64url");
    const answer = await send("GET /authorize", { query: { ...authorizationQuery(verifier), ...query } });
    const message = answer.to.get("SAMLRequest") ?? "";
    const request = inflateRawSync(Buffer.from(message, "base64")).toString();
    const [cookie = ""] = (answer.cookies[0] ?? "").split(";");
    const requestId = / ID="([^"]+)"/.exec(request)?.[1] ?? "";
    return { relayState: answer.to.get("RelayState") ?? "", requestId, cookie, verifier, request };
  }

  /** A Response of acme's identity provider to a login. */
  function respond(
    begun: Begun,
    options: Partial<AssertionOptions> = {},
    form: CredentialForm = {},
    by = acme,
  ): string {
    return issueSamlCredential(
      by,
      {
        ...{ issuer: IDP, subject: "alice", time: NOW, id: `_${randomUUID()}`, inResponseTo: begun.requestId },
        ...{ audience: `${ISSUER}/saml/acme/metadata`, recipient: `${ISSUER}/saml/acme/acs` },
        attributes: { scopes: "orders:read orders:write", roles: ["buyer", "admin"] },
        ...options,
      },
      { message: "response", ...form },
    );
  }

  /** Posts a Response to the assertion consumer service, from the browser of the login. */
  const post = (begun: Begun, response: string, sent: Sent = {}, replaced: Partial<Services> = {}) =>
    send(
      "POST /saml/{connection}/acs",
      {
        ...{ connection: "acme", cookies: [begun.cookie] },
        form: { SAMLResponse: response, RelayState: begun.relayState },
        ...sent,
      },
      replaced,
    );

  /** A whole login: its code. */
  async function login(query?: Readonly<Record<string, string>>, options?: Partial<AssertionOptions>) {
    const begun = await begin(query);
    const answer = await post(begun, respond(begun, options));
    return { ...begun, code: answer.to.get("code") ?? "" };
  }

  const redeem = (
    { code, verifier }: { code: string; verifier: string },
    form: Readonly<Record<string, string>> = {},
  ) =>
    send("POST /token", {
      form: { grant_type: "authorization_code", client_id: "web", code, code_verifier: verifier, ...form },
    });

  return {
    ...{ config, services, events, told, revoked, acme, globex, table, send, begin, respond, post, login, redeem },
    /** Every item of the table, as text. */
    async items() {
      const { Items = [] } = await new DynamoDBClient({ endpoint: database.endpoint }).send(
        new ScanCommand({ TableName: table }),
      );
      return JSON.stringify(Items);
    },
    async close() {
      vi.restoreAllMocks();
      vi.useRealTimers();
      delete process.env[SIGNING_VARIABLE];
      delete process.env.AWS_ENDPOINT_URL_DYNAMODB;
      await database.close();
    },
  };
}

export type Harness = Awaited<ReturnType<typeof createHarness>>;

/** Parameters as they are sent. A text is sent as it is. */
const encoded = (parameters: Readonly<Record<string, string>> | string) =>
  typeof parameters === "string" ? parameters : new URLSearchParams(parameters).toString();

/** A valid authorization request. */
export const authorizationQuery = (verifier: string) => ({
  ...{ response_type: "code", client_id: "web", redirect_uri: REDIRECT, state: "a-state", connection: "acme" },
  ...{ code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256" },
});
