import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";

vi.hoisted(() => {
  process.env.POWERTOOLS_LOG_LEVEL = "SILENT";
  process.env.POWERTOOLS_METRICS_DISABLED = "true";
});

import { createHandler } from "../../../functions/authorizer/create-handler.ts";
import { evaluate } from "../../../iam/evaluate.ts";
import { requestEvent, tokenEvent } from "../../../local/events/rest.ts";
import { issueSamlCredential } from "../../../local/stage/saml/identity-provider.ts";
import { createProviders } from "../../../providers/registry.ts";
import type { Requirement } from "../../../shared/domain/config/common.ts";
import { METHODS } from "../../../shared/domain/config/routes.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import {
  instant,
  MAX_RESOURCE_LENGTH,
  MAX_RESULT_LENGTH,
  type PolicyDocument,
} from "../../../shared/domain/policy/document.ts";
import { readCredential } from "../../../shared/domain/request/find.ts";
import { configOf, NOW, UNCACHED } from "../../fixtures.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "../../providers/jwt/mint.ts";
import {
  identity,
  OPTIONS,
  RECIPIENT,
  AUDIENCE as SAML_AUDIENCE,
  ISSUER as SAML_ISSUER,
} from "../../providers/saml/fixture.ts";
import { lambdaContext } from "./lambda-context.ts";

/**
 * Properties that hold for every event, header and configuration: the handler answers with a policy that API Gateway
 * accepts, with `Unauthorized`, or with `unavailable`. A request without a valid credential is never allowed anything.
 */

const key = rsaKey();
const stranger = rsaKey();
const valid = {
  jwt: mint(key, claims({ sub: "alice", tenant: "acme", scope: "read write", roles: ["admin"] })),
  saml: issueSamlCredential(identity, OPTIONS),
};

beforeAll(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  return () => vi.useRealTimers();
});

const providers: Pick<SallyportConfig, "jwt" | "saml" | "apiKeys"> = {
  jwt: {
    issuers: [
      {
        issuer: ISSUER,
        audience: AUDIENCE,
        keys: { jwks: { keys: [key.jwk as { kty: string }] } },
        claims: { tenant: "tenant", roles: ["roles"] },
      },
    ],
  },
  saml: {
    audience: SAML_AUDIENCE,
    recipients: RECIPIENT,
    identityProviders: [{ issuer: SAML_ISSUER, certificates: [identity.certificate] }],
  },
  // No generated key has a correct checksum, so the table is never read.
  apiKeys: { table: "none", peppers: [{ id: "p1", secret: { environment: "TEST_NO_PEPPER" } }] },
};

const handlerFor = (overrides: Partial<SallyportConfig> = {}) => {
  const config = configOf({ ...providers, ...overrides });
  return createHandler(config, createProviders(config), UNCACHED);
};

type Answer = { result: { policyDocument: PolicyDocument; context?: Record<string, unknown> } } | { error: string };

const invoke = (handler: ReturnType<typeof createHandler>, event: unknown): Promise<Answer> =>
  handler(event, lambdaContext()).then(
    (result) => ({ result: result as never }),
    (error: Error) => ({ error: error.message }),
  );

/** Checks that API Gateway accepts the answer as an authorizer's output, instead of answering 500. */
function expectWellFormed(answer: Answer): void {
  if ("error" in answer) {
    expect(["Unauthorized", "unavailable"]).toContain(answer.error);
    return;
  }
  const { policyDocument, context = {} } = answer.result;
  expect(Buffer.byteLength(JSON.stringify(answer.result))).toBeLessThanOrEqual(MAX_RESULT_LENGTH);
  expect(policyDocument.Version).toBe("2012-10-17");
  expect(policyDocument.Statement.length).toBeGreaterThan(0);
  for (const { Action, Effect, Resource, NotResource, Condition } of policyDocument.Statement) {
    expect(Action).toBe("execute-api:Invoke");
    expect(["Allow", "Deny"]).toContain(Effect);
    const resources = [...(Resource ?? []), ...(NotResource ?? [])];
    expect(resources.length).toBeGreaterThan(0);
    for (const resource of resources) {
      expect(resource.length).toBeLessThanOrEqual(MAX_RESOURCE_LENGTH);
      expect(resource).toMatch(/^arn:aws:execute-api:eu-west-1:123456789012:abcdef1234\/prod\/[^$]+$/);
      // The wildcard `?` is used only to deny.
      if (Effect === "Allow" || NotResource) expect(resource).not.toContain("?");
    }
    if (Effect === "Allow") expect(JSON.stringify(Condition)).toContain("aws:CurrentTime");
  }
  for (const value of Object.values(context)) expect(["string", "number", "boolean"]).toContain(typeof value);
}

function expectNothingAllowed(answer: Answer): void {
  expectWellFormed(answer);
  if ("result" in answer) {
    expect(answer.result.policyDocument.Statement.filter(({ Effect }) => Effect === "Allow")).toEqual([]);
  }
}

const headerName = fc.constantFrom(
  "Authorization",
  "authorization",
  "X-Api-Key",
  "x-api-key",
  "X-Forwarded-For",
  "Cookie",
);

/** Text that resembles a credential or a part of one, but is not valid. */
const nearMiss = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 100 }),
  fc
    .tuple(
      fc.constantFrom("Bearer ", "SAML ", "ApiKey ", "Basic ", "bearer\t", "Bearer"),
      fc.base64String({ maxLength: 400 }),
    )
    .map((parts) => parts.join("")),
  fc.jsonValue().map((payload) => `Bearer ${mint(stranger, JSON.stringify(payload) ?? "null")}`),
  fc
    .record({ alg: fc.constantFrom("none", "HS256", "RS256", "ES256"), typ: fc.string({ maxLength: 5 }) })
    .map((header) => `Bearer ${mint(stranger, claims(), header)}`),
  fc.jsonValue().map((header) => `Bearer ${mint(stranger, claims(), JSON.stringify(header) ?? "null")}`),
  fc.nat(valid.jwt.length - 1).map((at) => `Bearer ${changed(valid.jwt, at)}`),
  fc.nat(valid.saml.length - 5).map((at) => `SAML ${changed(valid.saml, at)}`),
  fc.string({ maxLength: 60 }).map((text) => `ApiKey sp_live_${text}`),
);

/** Replaces one character by one that differs in more than the unused bits of base64, so that the bytes change. */
function changed(text: string, at: number): string {
  const other = text[at] === "Q" ? "m" : "Q";
  return text.slice(0, at) + other + text.slice(at + 1);
}

const rest = { stage: "prod", address: "192.0.2.1", time: NOW, method: "GET", path: "/whoami", resource: "/whoami" };

describe("no request without a valid credential is allowed anything", () => {
  const handler = handlerFor();

  test("with any headers", async () => {
    const headers = fc.dictionary(headerName, nearMiss, { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(headers, fc.boolean(), async (headers, token) => {
        const event = (token ? tokenEvent : requestEvent)({ ...rest, headers });
        expectNothingAllowed(await invoke(handler, event));
      }),
      { numRuns: 600 },
    );
  });

  test("for any event", async () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
    const event = fc.oneof(
      anything,
      fc.record(
        {
          type: fc.constantFrom("TOKEN", "REQUEST", "token", 1),
          methodArn: fc.oneof(
            anything,
            fc.constant("arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/a"),
          ),
          authorizationToken: anything,
          headers: anything,
          multiValueHeaders: anything,
          queryStringParameters: anything,
          requestContext: anything,
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(event, async (event) => expectNothingAllowed(await invoke(handler, event))),
      { numRuns: 600 },
    );
  });

  const chain = createProviders(configOf(providers));
  const isRecognised = (value: string) =>
    readCredential(value, "bearer", { in: "header", name: "authorization" }).some((credential) =>
      chain.some((provider) => provider.recognises(credential)),
    );
  const beside = (value: string, first: boolean) => {
    const both = first ? [value, `Bearer ${valid.jwt}`] : [`Bearer ${valid.jwt}`, value];
    return { ...requestEvent({ ...rest, headers: {} }), multiValueHeaders: { Authorization: both } };
  };

  test("with an invalid credential beside a valid one", async () => {
    await fc.assert(
      fc.asyncProperty(nearMiss.filter(isRecognised), fc.boolean(), async (value, first) => {
        expectNothingAllowed(await invoke(handler, beside(value, first)));
      }),
      { numRuns: 200 },
    );
  });

  test("an unrecognised value beside a valid credential changes nothing", async () => {
    const alone = await invoke(handler, requestEvent({ ...rest, headers: { Authorization: `Bearer ${valid.jwt}` } }));
    expect(alone).toHaveProperty("result");
    const unrecognised = fc.oneof(fc.constant("Bearer eA=="), nearMiss).filter((value) => !isRecognised(value));
    await fc.assert(
      fc.asyncProperty(unrecognised, fc.boolean(), async (value, first) => {
        expect(await invoke(handler, beside(value, first))).toEqual(alone);
      }),
      { numRuns: 200 },
    );
  });
});

const segment = fc.constantFrom("orders", "{tenant}", "{subject}", "*", "a~b", "{attributes.x}", "tenants", "v1.0");
const rule = fc.record(
  {
    effect: fc.constantFrom("allow" as const, "deny" as const),
    methods: fc.oneof(
      fc.constant("ANY" as const),
      fc.uniqueArray(fc.constantFrom(...METHODS), { minLength: 1, maxLength: 3 }),
    ),
    paths: fc.array(
      fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => `/${parts.join("/")}`),
      { minLength: 1, maxLength: 4 },
    ),
    scopes: fc.constantFrom<Requirement>(
      { anyOf: ["read", "none"] },
      { allOf: ["read", "write"] },
      { allOf: ["none"] },
    ),
    roles: fc.constantFrom<Requirement>({ anyOf: ["admin"] }, { allOf: ["other"] }),
    kind: fc.constantFrom("user" as const, "client" as const),
    addresses: fc.constantFrom<string[]>(["192.0.2.0/24"], ["198.51.100.0/24"], ["2001:db8::/32", "192.0.2.1"]),
    windows: fc.constantFrom<NonNullable<SallyportConfig["routes"][number]["windows"]>>(
      [{ notAfter: instant(NOW + 60) }],
      [{ notBefore: instant(NOW + 60) }],
      [{ days: ["mon"], from: "00:00", until: "24:00", timeZone: "UTC" }],
    ),
  },
  { requiredKeys: ["methods", "paths"] },
);
const configuration = fc.record({
  routes: fc
    .array(rule, { minLength: 1, maxLength: 30 })
    .map((rules) => rules.map((each, index) => ({ name: `rule-${index}`, ...each }))),
  policy: fc.record({ bindAddress: fc.boolean(), explicitDeny: fc.boolean() }),
});
const path = fc.array(fc.constantFrom("orders", "acme", "alice", "x", "tenants", "%2F", "*"), { maxLength: 4 });

describe("with any configuration", () => {
  test("a valid credential gets a policy that API Gateway accepts, and a reason in the context only if the policy denies", async () => {
    await fc.assert(
      fc.asyncProperty(configuration, path, fc.constantFrom(...METHODS), async (config, parts, method) => {
        const path = `/${parts.join("/")}`;
        const request = { ...rest, method, path, headers: { Authorization: `Bearer ${valid.jwt}` } };
        const event = requestEvent(request);
        const answer = await invoke(handlerFor(config), event);
        expectWellFormed(answer);
        if ("error" in answer) {
          expect(answer.error).toBe("unavailable");
          return;
        }
        const context = { "aws:currenttime": instant(NOW), "aws:sourceip": rest.address };
        const { effect } = evaluate(answer.result.policyDocument, { resource: event.methodArn, context });
        expect(effect === "allow").toBe(answer.result.context?.reason === undefined);
        // Without explicit denials, a path that no pattern matches exactly is denied implicitly.
        if (config.policy?.explicitDeny !== false) expect(effect).not.toBe("implicit-deny");
      }),
      { numRuns: 400 },
    );
  });

  test("an invalid credential gets nothing", async () => {
    await fc.assert(
      fc.asyncProperty(configuration, nearMiss, async (config, value) => {
        const event = requestEvent({ ...rest, headers: { Authorization: value } });
        expectNothingAllowed(await invoke(handlerFor(config), event));
      }),
      { numRuns: 300 },
    );
  });
});
