import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createHandler } from "../../../functions/authorizer/create-handler.ts";
import { http2Event } from "../../../local/events/http.ts";
import { requestEvent } from "../../../local/events/rest.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import type { Provider } from "../../../providers/provider.ts";
import { createProviders } from "../../../providers/registry.ts";
import { authenticated } from "../../../providers/verdict.ts";
import type { CacheSettings } from "../../../shared/domain/config/cache.ts";
import { logger, metrics } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { CACHED, configOf, NOW, UNCACHED, user } from "../../fixtures.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "../../providers/jwt/mint.ts";
import * as saml from "../../providers/saml/fixture.ts";
import { lambdaContext } from "./lambda-context.ts";

/** The Middy stack: the function's answers, log lines and metrics. */

const key = rsaKey();
const inPlace = { jwks: { keys: [key.jwk as { kty: string }] } };
const issuer = (keys: object) => ({ jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys: keys as never }] } });
const handlerWith = (keys: object, cache = UNCACHED) => {
  const config = configOf(issuer(keys));
  return createHandler(config, createProviders(config), cache);
};

const eventWith = (headers: Record<string, string>, path = "/whoami") =>
  requestEvent({ method: "GET", path, resource: path, stage: "prod", address: "192.0.2.1", time: NOW, headers });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** An assertion that is accepted with the warning `certificate_out_of_dates`, and the configuration that accepts it. */
async function signedByAnOldCertificate() {
  const dated = await createSigningIdentity({ from: NOW - 60, until: NOW });
  const entry = { issuer: saml.ISSUER, certificates: [dated.certificate], certificateDates: "warn" as const };
  const section = { saml: { audience: saml.AUDIENCE, recipients: saml.RECIPIENT, identityProviders: [entry] } };
  return { section, headers: { Authorization: `SAML ${saml.issue({}, {}, dated)}` } };
}

/** A key server that accepts connections and never answers. */
let hanging: Server;
let hangingKeys: { jwksUri: string };
beforeAll(async () => {
  hanging = createServer(() => {});
  await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
  hangingKeys = { jwksUri: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}/keys` };
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  vi.spyOn(metrics, "publishStoredMetrics").mockImplementation(() => {
    metrics.clearMetrics();
    return metrics;
  });
});
afterAll(() => {
  vi.useRealTimers();
  hanging.closeAllConnections();
  hanging.close();
});

const info = vi.spyOn(logger, "info").mockImplementation(() => {});
const error = vi.spyOn(logger, "error").mockImplementation(() => {});
const counted = vi.spyOn(metrics, "addMetric");
const dimensions = vi.spyOn(metrics, "addDimensions");
afterEach(() => vi.clearAllMocks());

const thrownBy = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable("it answered"),
    (thrown: unknown) => thrown as Error,
  );

describe("the function's answer", () => {
  test("is a policy for a known caller", async () => {
    const result = await handlerWith(inPlace)(eventWith(bearer(mint(key))), lambdaContext());
    expect(result).toMatchObject({ principalId: `${ISSUER}|alice`, policyDocument: { Version: "2012-10-17" } });
  });

  test("is exactly the error Unauthorized for an unknown caller", async () => {
    const thrown = await thrownBy(handlerWith(inPlace)(eventWith({}), lambdaContext()));
    expect(thrown.message).toBe("Unauthorized");
  });

  test("is the error unavailable when a key server fails", async () => {
    const down = { jwksUri: "http://127.0.0.1:9/keys" };
    const thrown = await thrownBy(handlerWith(down)(eventWith(bearer(mint(key))), lambdaContext()));
    expect(thrown.message).toBe("unavailable");
  });

  test("is the error unavailable for an event of no known kind", async () => {
    const thrown = await thrownBy(handlerWith(inPlace)({ hello: "world" }, lambdaContext()));
    expect(thrown.message).toBe("unavailable");
  });

  test("reveals nothing else: the error has no stack trace, no cause and no further properties", async () => {
    for (const headers of [bearer(mint(key, claims({ exp: NOW }))), {}]) {
      const thrown = await thrownBy(handlerWith(inPlace)(eventWith(headers), lambdaContext()));
      expect(thrown.stack).toBe("UnauthorizedError: Unauthorized");
      expect(thrown.cause).toBeUndefined();
      expect(Object.keys(thrown)).toEqual(["name"]);
    }
  });

  test("is unavailable if the log fails, without details", async () => {
    info.mockImplementationOnce(() => {
      throw new Error("disk full at /secret/path");
    });
    const thrown = await thrownBy(handlerWith(inPlace)(eventWith(bearer(mint(key))), lambdaContext()));
    expect(thrown.message).toBe("unavailable");
    expect(thrown.stack).not.toContain("secret");
  });
});

describe("when API Gateway caches by Authorization", () => {
  const handler = handlerWith(inPlace, CACHED);
  const twice = (...lines: string[]) => ({
    ...eventWith({ Authorization: lines.at(-1) ?? "" }),
    multiValueHeaders: { Authorization: lines },
  });
  const token = `Bearer ${mint(key)}`;

  test("a request with one Authorization line is answered as usual", async () => {
    expect(await handler(twice(token), lambdaContext())).toHaveProperty("policyDocument");
  });

  test("a request with two Authorization lines is refused, whatever they contain and however the name is spelled", async () => {
    const spelled = { ...twice(token), multiValueHeaders: { Authorization: [token], authorization: ["Basic eDp5"] } };
    for (const event of [twice(token, token), twice("Basic eDp5", token), twice(token, "Basic eDp5"), spelled]) {
      expect((await thrownBy(handler(event, lambdaContext()))).message).toBe("Unauthorized");
      expect(info.mock.lastCall?.[1]).toMatchObject({ reason: "credential_ambiguous" });
    }
  });

  test("two lines are answered when there is no cache", async () => {
    const answer = await handlerWith(inPlace)(twice(token, "Basic eDp5"), lambdaContext());
    expect(answer).toHaveProperty("policyDocument");
  });

  test("a credential in another header is refused", async () => {
    const config = configOf({ ...issuer(inPlace), credentials: { headers: { "x-user-token": "bearer" } } });
    const event = eventWith({ "X-User-Token": token });
    const cached = createHandler(config, createProviders(config), CACHED);
    expect((await thrownBy(cached(event, lambdaContext()))).message).toBe("Unauthorized");
    expect(info.mock.lastCall?.[1]).toMatchObject({ reason: "credential_misplaced" });
    const uncached = createHandler(config, createProviders(config), UNCACHED);
    expect(await uncached(event, lambdaContext())).toHaveProperty("policyDocument");
  });
});

describe("a simple response of an HTTP API", () => {
  const config = configOf({ ...issuer(inPlace), httpApi: { simpleResponses: true } });
  const answer = (cache: CacheSettings, identitySource: (authorization: string) => string[] | null) => {
    const authorization = `Bearer ${mint(key)}`;
    const request = { method: "GET", path: "/whoami", resource: "/whoami", stage: "prod", address: "192.0.2.1" };
    const event = http2Event({ ...request, time: NOW, headers: { Authorization: authorization } });
    const sent = { ...event, identitySource: identitySource(authorization) };
    return createHandler(config, createProviders(config), cache)(sent, lambdaContext());
  };

  test("is given when nothing is cached, or when the cache key contains route and address", async () => {
    const yes = { isAuthorized: true };
    expect(await answer(CACHED, () => null)).toMatchObject(yes);
    expect(await answer(UNCACHED, (authorization) => [authorization])).toMatchObject(yes);
    expect(await answer(CACHED, (authorization) => [authorization, "192.0.2.1", "GET /whoami"])).toMatchObject(yes);
  });

  test("is unavailable when the cache would serve it to other requests, and the log has the reason", async () => {
    for (const values of [[], ["192.0.2.1"], ["GET /whoami"]]) {
      const thrown = await thrownBy(answer(CACHED, (authorization) => [authorization, ...values]));
      expect(thrown.message).toBe("unavailable");
      expect(error.mock.lastCall?.[1]).toMatchObject({ reason: "simple_response_cached" });
    }
  });
});

describe("shortly before the function's timeout", () => {
  test("it answers unavailable, and the log has the reason", async () => {
    const late = handlerWith(hangingKeys)(eventWith(bearer(mint(key))), lambdaContext(600));
    expect((await thrownBy(late)).message).toBe("unavailable");
    expect(error.mock.calls).toEqual([
      ["unavailable", expect.objectContaining({ outcome: "unavailable", reason: "deadline_exceeded" })],
    ]);
  });
});

describe("the log has one line for each outcome", () => {
  const only = () => {
    const lines = [...info.mock.calls, ...error.mock.calls];
    expect(lines).toHaveLength(1);
    return lines[0]?.[1] as Record<string, unknown>;
  };

  test("allow: the granting rules, the provider, and the credential's place and length", async () => {
    const token = mint(key);
    await handlerWith(inPlace)(eventWith(bearer(token)), lambdaContext());
    expect(only()).toEqual({
      outcome: "allow",
      api: "rest-request",
      requestId: expect.any(String),
      apiId: "abcdef1234",
      stage: "prod",
      httpMethod: "GET",
      resourcePath: "/whoami",
      credentials: [
        {
          scheme: "bearer",
          in: "header",
          name: "authorization",
          length: token.length,
          provider: "jwt",
          verdict: "authenticated",
          kind: "user",
          kindFrom: "subject_is_not_client",
        },
      ],
      rules: ["whoami"],
    });
    expect(info.mock.calls[0]?.[0]).toBe("allow");
  });

  test("a request id that is no id is left out, because a client may have written it", async () => {
    const event = eventWith(bearer("x"));
    const requestContext = { ...event.requestContext, requestId: "alice@example.com said this" };
    await createHandler(configOf(), [], CACHED)({ ...event, requestContext }, lambdaContext()).catch(() => {});
    expect(JSON.stringify(info.mock.calls)).not.toContain("alice@example.com");
  });

  test("a custom provider's text for what decided the kind is left out", async () => {
    const principal = { ...user(), kindFrom: "alice@example.com" as never };
    const own: Provider = { name: "own", recognises: () => true, verify: async () => authenticated(principal) };
    await createHandler(configOf(), [own], CACHED)(eventWith(bearer("x")), lambdaContext());
    const { credentials } = only() as { credentials: object[] };
    expect(credentials[0]).toMatchObject({ provider: "own", verdict: "authenticated" });
    expect(JSON.stringify(credentials)).not.toContain("alice");
  });

  test("a request with a thousand credentials: the first eight are listed", async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `Bearer ${index}`).join(", ");
    await handlerWith(inPlace)(eventWith({ Authorization: many }), lambdaContext()).catch(() => {});
    expect(only()).toMatchObject({ reason: "credential_too_many", credentials: { length: 8 } });
  });

  describe("with log.allowed below 1", () => {
    const random = vi.spyOn(Math, "random");
    afterAll(() => random.mockRestore());
    const handlerOf = (allowed: number, sections: object = issuer(inPlace)) => {
      const config = configOf({ ...sections, log: { allowed } });
      return createHandler(config, createProviders(config), UNCACHED);
    };

    test.each([
      { allowed: 0, drawn: 0, lines: 0 },
      { allowed: 0.25, drawn: 0.249, lines: 1 },
      { allowed: 0.25, drawn: 0.25, lines: 0 },
      { allowed: 1, drawn: 0.999, lines: 1 },
    ])("$allowed: an allowed request that drew $drawn gets $lines lines, and is counted", async (each) => {
      random.mockReturnValueOnce(each.drawn);
      await handlerOf(each.allowed)(eventWith(bearer(mint(key))), lambdaContext());
      expect(info).toHaveBeenCalledTimes(each.lines);
      expect(counted).toHaveBeenCalledWith("Decisions", "Count", 1);
      expect(dimensions).toHaveBeenCalledWith({ outcome: "allow" });
    });

    test.each([
      ["a caller without rights", bearer(mint(key)), "/other", "deny"],
      ["an unknown caller", {}, "/whoami", "unauthenticated"],
    ])("%s gets a line", async (_title, headers, path, outcome) => {
      await handlerOf(0)(eventWith(headers, path), lambdaContext()).catch(() => {});
      expect(only()).toMatchObject({ outcome });
    });

    test("trouble gets a line", async () => {
      const handler = handlerOf(0, issuer({ jwksUri: "http://127.0.0.1:9/keys" }));
      await handler(eventWith(bearer(mint(key))), lambdaContext()).catch(() => {});
      expect(only()).toMatchObject({ outcome: "unavailable" });
    });

    test("an allowed request with a warning gets a line", async () => {
      const { section, headers } = await signedByAnOldCertificate();
      await handlerOf(0, section)(eventWith(headers), lambdaContext());
      expect(only()).toMatchObject({ outcome: "allow" });
    });
  });

  test("allow with a warning: the warning is listed with its credential", async () => {
    const { section, headers } = await signedByAnOldCertificate();
    const config = configOf(section);
    await createHandler(config, createProviders(config), UNCACHED)(eventWith(headers), lambdaContext());
    expect(only()).toMatchObject({
      outcome: "allow",
      credentials: [{ provider: "saml", verdict: "authenticated", warnings: ["certificate_out_of_dates"] }],
    });
  });

  test("unauthenticated: the reason of the outcome and of each credential", async () => {
    const headers = { ...bearer(mint(key, claims({ exp: NOW }))), "X-Api-Key": "none-of-ours" };
    await thrownBy(handlerWith(inPlace)(eventWith(headers), lambdaContext()));
    expect(only()).toMatchObject({
      outcome: "unauthenticated",
      reason: "token_expired",
      credentials: [
        { provider: "jwt", verdict: "rejected", reason: "token_expired" },
        { scheme: "api-key", name: "x-api-key", length: 12 },
      ],
    });
  });

  test("deny: the reason", async () => {
    await handlerWith(inPlace)(eventWith(bearer(mint(key)), "/secret"), lambdaContext());
    expect(only()).toMatchObject({ outcome: "deny", reason: "route_not_granted" });
  });

  test("unavailable: the classes and codes of its causes, without their messages", async () => {
    const down = { jwksUri: "http://127.0.0.1:9/keys" };
    await thrownBy(handlerWith(down)(eventWith(bearer(mint(key))), lambdaContext()));
    const { cause, reason } = only();
    expect(error).toHaveBeenCalledOnce();
    expect(reason).toBe("key_set_unavailable");
    expect(cause).toMatch(/^\w+(\([A-Z0-9_]+\))?( < \w+(\([A-Z0-9_]+\))?)*$/);
  });

  test("an event of an unknown kind leaves none of its text in the log", async () => {
    const event = { type: "<script>".repeat(100), requestContext: { stage: ["x"], apiId: "y".repeat(300) } };
    await thrownBy(handlerWith(inPlace)(event, lambdaContext()));
    expect(only()).toEqual({ outcome: "unavailable", reason: "event_not_supported", credentials: undefined });
  });
});

describe("one metric is counted for each outcome", () => {
  test.each([
    ["allow", { Authorization: () => mint(key) }, "/whoami", [{ outcome: "allow" }, { providers: "jwt" }]],
    [
      "deny",
      { Authorization: () => mint(key) },
      "/secret",
      [{ outcome: "deny" }, { reason: "route_not_granted" }, { providers: "jwt" }],
    ],
    ["unauthenticated", {}, "/whoami", [{ outcome: "unauthenticated" }, { reason: "credential_missing" }]],
  ] as const)("%s, by outcome, reason and provider", async (_, headers, path, expected) => {
    const sent = "Authorization" in headers ? bearer(headers.Authorization()) : {};
    await handlerWith(inPlace)(eventWith(sent, path), lambdaContext()).catch(() => {});
    expect(counted.mock.calls.filter(([name]) => name === "Decisions")).toEqual([["Decisions", "Count", 1]]);
    expect(dimensions.mock.calls.map(([set]) => set)).toEqual(expected);
  });
});
