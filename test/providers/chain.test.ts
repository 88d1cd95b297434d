import { describe, expect, test } from "vitest";
import { verifyAll } from "../../providers/chain.ts";
import type { Provider } from "../../providers/provider.ts";
import { authenticated, rejected, unavailable, type Verdict } from "../../providers/verdict.ts";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";
import { requestFor, user } from "../fixtures.ts";

const never = new AbortController().signal;

/** A provider that recognises values with its prefix, returns `verdict` and records its calls. */
function providerOf(name: string, prefix: string, verdict: Verdict | (() => Promise<Verdict>)) {
  const asked: string[] = [];
  const provider: Provider = {
    name,
    recognises: ({ value }) => value.startsWith(prefix),
    async verify({ value }) {
      asked.push(value);
      return typeof verdict === "function" ? verdict() : verdict;
    },
  };
  return { provider, asked };
}

const credential = (value: string, name = "authorization"): Credential => ({
  scheme: "bearer",
  value,
  location: { in: "header", name },
});

const verify = (providers: Provider[], values: Credential[], signal = never) =>
  verifyAll(providers, requestFor("GET", "/a", { credentials: values }), signal);

describe("the provider that recognises a credential owns it", () => {
  test.each([
    ["rejected", rejected("token_expired")],
    ["unavailable", unavailable("key_set_unavailable")],
    ["authenticated", authenticated(user())],
  ])("the next one is not asked when the verdict is %s", async (_, verdict) => {
    const first = providerOf("first", "a", verdict);
    const second = providerOf("second", "a", authenticated(user()));
    const findings = await verify([first.provider, second.provider], [credential("abc")]);
    expect(findings).toMatchObject([{ provider: "first", verdict }]);
    expect(second.asked).toEqual([]);
  });

  test("does not ask the next one when it throws", async () => {
    const first = providerOf("first", "a", () => Promise.reject(new Error("broken")));
    const second = providerOf("second", "a", authenticated(user()));
    const findings = await verify([first.provider, second.provider], [credential("abc")]);
    expect(findings).toMatchObject([{ verdict: { status: "unavailable", reason: "provider_failed" } }]);
    expect(second.asked).toEqual([]);
  });

  test("passes each credential to its own provider", async () => {
    const first = providerOf("first", "a", authenticated(user()));
    const second = providerOf("second", "b", rejected("key_revoked"));
    const findings = await verify([first.provider, second.provider], [credential("b1"), credential("a1")]);
    expect(findings.map(({ provider, credential: { value } }) => [provider, value])).toEqual([
      ["second", "b1"],
      ["first", "a1"],
    ]);
  });
});

test("a credential that no provider recognises has no finding", async () => {
  const { provider, asked } = providerOf("first", "a", authenticated(user()));
  expect(await verify([provider], [credential("zzz")])).toEqual([]);
  expect(asked).toEqual([]);
});

test("verifies the same value in two places once", async () => {
  const { provider, asked } = providerOf("first", "a", authenticated(user()));
  await verify([provider], [credential("abc"), credential("abc", "x-api-key"), credential("abd")]);
  expect(asked).toEqual(["abc", "abd"]);
});

test("verifies all credentials concurrently", async () => {
  const release = Promise.withResolvers<void>();
  const second = providerOf("second", "b", async () => {
    release.resolve();
    return rejected("key_unknown");
  });
  const first = providerOf("first", "a", async () => {
    await release.promise;
    return authenticated(user());
  });
  const findings = await verify([first.provider, second.provider], [credential("a"), credential("b")]);
  expect(findings.map(({ verdict }) => verdict.status)).toEqual(["authenticated", "rejected"]);
});

describe("a provider that throws is unavailable, not rejected", () => {
  test.each([
    ["an error", new Error("broken")],
    ["a value that is not an error", "text"],
    ["a Refusal", new Refusal("token_expired")],
  ])("%s", async (_, thrown) => {
    const { provider } = providerOf("first", "a", () => Promise.reject(thrown));
    expect(await verify([provider], [credential("a")])).toMatchObject([
      { verdict: { status: "unavailable", reason: "provider_failed" } },
    ]);
  });

  test("a synchronous error", async () => {
    const provider: Provider = {
      name: "hasty",
      recognises: () => true,
      verify: () => {
        throw new Error("broken");
      },
    };
    expect(await verify([provider], [credential("a")])).toMatchObject([{ verdict: { status: "unavailable" } }]);
  });
});

describe("a provider that does not answer before the deadline", () => {
  test("is unavailable, and the other verdicts are kept", async () => {
    const controller = new AbortController();
    const silent = providerOf("silent", "a", () => new Promise<Verdict>(() => {}));
    const quick = providerOf("quick", "b", rejected("key_revoked"));
    const findings = verify([silent.provider, quick.provider], [credential("a"), credential("b")], controller.signal);
    // The quick provider answers in microtasks, before setImmediate.
    setImmediate(() => controller.abort());
    expect((await findings).map(({ verdict }) => verdict)).toMatchObject([
      { status: "unavailable", reason: "deadline_exceeded" },
      { status: "rejected", reason: "key_revoked" },
    ]);
  });

  test("is unavailable at once if the deadline has already passed", async () => {
    const silent = providerOf("silent", "a", () => new Promise<Verdict>(() => {}));
    const findings = await verify([silent.provider], [credential("a")], AbortSignal.abort());
    expect(findings).toMatchObject([{ verdict: { reason: "deadline_exceeded" } }]);
  });
});
