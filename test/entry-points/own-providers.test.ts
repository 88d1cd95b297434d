import { expect, test, vi } from "vitest";
import { createAuthorizer as createFromProviders } from "../../entry-points/core.ts";
import { authenticated, createAuthorizer, type Provider } from "../../entry-points/index.ts";
import { jwt } from "../../entry-points/jwt.ts";
import { requestEvent } from "../../local/events/rest.ts";
import { NOW, user } from "../fixtures.ts";
import { lambdaContext } from "../functions/authorizer/lambda-context.ts";

/** Authorizers with providers of one's own alone: their configuration has no section of a built-in provider. */

const session: Provider = {
  name: "session",
  recognises: ({ value }) => value.startsWith("sess_"),
  verify: async () => authenticated(user({ provider: "session" })),
};
const config = {
  routes: [{ name: "whoami", methods: ["GET" as const], paths: ["/whoami"], credentials: { anyOf: ["session"] } }],
};
const NO_PROVIDER = /without a provider nobody can call/;

test.each([
  ["sallyport", () => createAuthorizer(config, [session])],
  ["sallyport/core", () => createFromProviders(config, [session])],
])("%s: a configuration without jwt, saml and apiKeys authorizes with a provider of one's own", async (_, create) => {
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "true");
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  const ask = (token: string) =>
    create()(
      requestEvent({
        method: "GET",
        path: "/whoami",
        resource: "/whoami",
        stage: "prod",
        address: "192.0.2.1",
        time: NOW,
        headers: { Authorization: `Bearer ${token}` },
      }),
      lambdaContext(),
    );
  expect(await ask("sess_a")).toMatchObject({ context: { providers: "session" } });
  await expect(ask("other")).rejects.toThrow("Unauthorized");
  vi.useRealTimers();
});

test("an authorizer without any provider is refused at the start", () => {
  expect(() => createAuthorizer(config)).toThrow(NO_PROVIDER);
  expect(() => createFromProviders(config, [])).toThrow(NO_PROVIDER);
  expect(() => createFromProviders(config, [jwt])).toThrow(NO_PROVIDER);
});
