import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { verifyAll } from "../../providers/chain.ts";
import type { Provider } from "../../providers/provider.ts";
import { authenticated, rejected, unavailable, type Verdict } from "../../providers/verdict.ts";
import { matchedRules } from "../../shared/domain/policy/matched-rules.ts";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";
import { configOf, NOW, requestFor, user } from "../fixtures.ts";

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
  expect(await verify([provider], [credential("abc"), credential("abc", "x-api-key")])).toHaveLength(1);
  expect(asked).toHaveLength(3);
});

test("leaves nothing behind that waits for the deadline", async () => {
  const { signal } = new AbortController();
  const good = providerOf("first", "a", authenticated(user()));
  const bad = providerOf("second", "b", () => Promise.reject(new Error("broken")));
  await verify([good.provider, bad.provider], [credential("a"), credential("b")], signal);
  expect(getEventListeners(signal, "abort")).toEqual([]);
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

test("an authenticated verdict has warnings only where there are some", () => {
  expect(authenticated(user())).toEqual({ status: "authenticated", principal: user() });
  expect(authenticated(user(), [])).not.toHaveProperty("warnings");
  expect(authenticated(user(), ["certificate_out_of_dates"])).toHaveProperty("warnings.length", 1);
});

describe("what a provider answers is not believed in another form than the contract's", () => {
  const answering = async (answer: unknown) => {
    const [finding] = await verify(
      [{ name: "own", recognises: () => true, verify: async () => answer as Verdict }],
      [credential("a")],
    );
    return finding?.verdict;
  };
  const withPart = (part: object) => answering({ status: "authenticated", principal: { ...user(), ...part } });

  test.each<[string, object]>([
    ...[undefined, null, "", 5, {}, "a\ud800"].flatMap((value): [string, object][] => [
      ["provider", { provider: value }],
      ["subject", { subject: value }],
      ["issuer", { issuer: value }],
    ]),
    ...[undefined, null, "", "admin", "User"].map((kind): [string, object] => ["kind", { kind }]),
    ...[null, "", 5, "a\ud800"].map((tenant): [string, object] => ["tenant", { tenant }]),
    ...[null, "", 5, "a\ud800"].map((usageIdentifierKey): [string, object] => [
      "usageIdentifierKey",
      { usageIdentifierKey },
    ]),
    ...[undefined, null, "read", [1], ["read", null], ["a\ud800"], {}].flatMap((value): [string, object][] => [
      ["scopes", { scopes: value }],
      ["roles", { roles: value }],
    ]),
    ...[null, "192.0.2.1", [null], [["192.0.2.1"]]].map((addresses): [string, object] => ["addresses", { addresses }]),
    ...[null, "2100", Number.NaN, Number.POSITIVE_INFINITY, 1n].flatMap((value): [string, object][] => [
      ["expiresAt", { expiresAt: value }],
      ["issuedAt", { issuedAt: value }],
    ]),
    ...[undefined, null, "plan", []].map((attributes): [string, object] => ["attributes", { attributes }]),
  ])("a malformed %s is trouble: %o", async (part, members) => {
    expect(await withPart(members)).toMatchObject({
      status: "unavailable",
      reason: "provider_failed",
      cause: { code: part.toUpperCase() },
    });
  });

  test.each([null, 5, {}, { wall: NOW }, { wall: Number.NaN, monotonic: 0 }, { wall: 0, monotonic: "0" }])(
    "a malformed time of what was read is trouble: %j",
    async (readAt) => {
      const answer = { status: "authenticated", principal: user() };
      expect(await answering({ ...answer, readAt })).toMatchObject({
        status: "unavailable",
        cause: { code: "READAT" },
      });
      const sound = { ...answer, readAt: { wall: NOW * 1000, monotonic: 0.5 } };
      expect(await answering(sound)).toEqual(sound);
    },
  );

  test.each([undefined, null, "authenticated", {}, [], { status: "allow" }, { status: "authenticated" }])(
    "%j is trouble",
    async (answer) => {
      expect(await answering(answer)).toMatchObject({ status: "unavailable", reason: "provider_failed" });
    },
  );

  test.each([undefined, null, "alice", ["alice"]])("the principal %j is trouble, by its name", async (principal) => {
    expect(await answering({ status: "authenticated", principal })).toMatchObject({
      reason: "provider_failed",
      cause: { name: "MalformedError", code: "PRINCIPAL" },
    });
  });

  test.each<[string, unknown]>([
    ["status", { status: "allow" }],
    ["principal", { status: "authenticated", principal: [] }],
    ["subject", { status: "authenticated", principal: { ...user(), subject: "" } }],
  ])("the log is told which part is malformed: %s", async (part, answer) => {
    const message = `The provider's answer has a malformed ${part}.`;
    expect(await answering(answer)).toMatchObject({ cause: { code: part.toUpperCase(), message } });
  });

  test("a part that throws when it is read is trouble", async () => {
    const principal = {
      ...user(),
      get scopes(): string[] {
        throw new Error("broken");
      },
    };
    expect(await answering({ status: "authenticated", principal })).toMatchObject({ reason: "provider_failed" });
  });

  test.each([NOW, NOW - 1, NOW + 0.5, 0, -1])("an end at %d has passed: the credential is rejected", async (end) => {
    expect(await withPart({ expiresAt: end })).toEqual({ status: "rejected", reason: "credential_rejected" });
  });

  test("a principal of a class is what its members say, at the moment of the answer", async () => {
    class Session {
      reads = 0;
      provider = "own";
      kind = "user";
      issuer = "https://sessions.example.com";
      scopes = [];
      roles = ["reader"];
      attributes = { level: 1 };
      get subject() {
        this.reads++;
        return this.reads === 1 ? "alice" : "root";
      }
    }
    const { reads: _, ...parts } = new Session();
    const session = new Session();
    const verdict = await answering({ status: "authenticated", principal: session });
    session.roles.push("admin");
    session.attributes.level = 9;
    const principal = { ...parts, subject: "alice", roles: ["reader"], attributes: { level: 1 } };
    expect(verdict).toStrictEqual({ status: "authenticated", principal });
  });

  test("callers whose subjects a class tells do not share what was found for one of them", async () => {
    class Session {
      readonly #name: string;
      provider = "own";
      kind = "user";
      issuer = "https://sessions.example.com";
      scopes = [];
      roles = [];
      attributes = {};
      constructor(name: string) {
        this.#name = name;
      }
      get subject() {
        return this.#name;
      }
    }
    const rules = configOf({ routes: [{ name: "own", methods: ["GET"], paths: ["/users/{subject}"] }] });
    const pathsOf = async (name: string) => {
      const verdict = await answering({ status: "authenticated", principal: new Session(name) });
      if (verdict?.status !== "authenticated") throw new Error("not authenticated");
      return matchedRules([verdict.principal], rules).flatMap(({ paths }) => paths);
    };
    expect(await pathsOf("alice")).toEqual(["/users/alice"]);
    expect(await pathsOf("bob")).toEqual(["/users/bob"]);
  });

  test("attributes that are no text, finite number or boolean are left out", async () => {
    const sound = { text: "a", number: 0, yes: true, empty: "" };
    const others = { nan: Number.NaN, infinite: Number.POSITIVE_INFINITY, none: null, absent: undefined, big: 1n };
    const objects = { list: ["a"], object: {}, date: new Date(0), half: "a\ud800", action: () => "a" };
    const verdict = await withPart({ attributes: { ...sound, ...others, ...objects } });
    expect(verdict).toHaveProperty("principal.attributes", sound);
  });

  test("what may be absent may be undefined", async () => {
    const absent = { tenant: undefined, addresses: undefined, issuedAt: undefined, expiresAt: undefined };
    expect(await withPart(absent)).toMatchObject({ status: "authenticated" });
    expect(await withPart({ expiresAt: NOW + 1, kind: "unknown" })).toMatchObject({ status: "authenticated" });
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
