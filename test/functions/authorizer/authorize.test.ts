import { describe, expect, test } from "vitest";
import { authorize } from "../../../functions/authorizer/authorize.ts";
import type { Provider } from "../../../providers/provider.ts";
import { authenticated, rejected, unavailable, type Verdict } from "../../../providers/verdict.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import type { Credential } from "../../../shared/domain/request/credential.ts";
import { API, client, configOf, NOW, requestFor, user } from "../../fixtures.ts";

/** From the providers' verdicts to a decision. The provider of these tests returns the given verdicts. */

const signal = new AbortController().signal;

/** Decides with these verdicts: the value of each credential is the name of its verdict. */
function decide(
  verdicts: Record<string, Verdict>,
  overrides: Partial<SallyportConfig> = {},
  request: Parameters<typeof requestFor>[2] & { path?: string } = {},
) {
  const provider: Provider = {
    name: "test",
    recognises: ({ value }) => Object.hasOwn(verdicts, value),
    verify: async ({ value }) => verdicts[value] ?? rejected("token_malformed"),
  };
  const { path = "/whoami", ...rest } = request;
  const credentials = Object.keys(verdicts).map(at("authorization"));
  const authorizer = { config: configOf(overrides), providers: [provider] };
  return authorize(requestFor("GET", path, { credentials, ...rest }), authorizer, signal).then(
    ({ decision }) => decision,
  );
}

const at = (name: string, place: Credential["location"]["in"] = "header") => {
  return (value: string): Credential => ({ scheme: "bearer", value, location: { in: place, name } });
};

const ALICE = authenticated(user());
const PARTNER = authenticated(client());
const REVOKED = rejected("key_revoked");
const DOWN = unavailable("key_set_unavailable", new Error("cause"));

describe("invalid addresses from a custom provider", () => {
  test.each([[["10/8"]], [["fe80::1%eth0"]], [["everywhere"]], [[""]]])("%j allow no address", async (addresses) => {
    const limited = authenticated(user({ addresses }));
    expect(await decide({ limited })).toMatchObject({ outcome: "deny", reason: "address_not_allowed" });
    expect(await decide({ limited }, { policy: { bindAddress: false } })).toMatchObject({ outcome: "deny" });
  });

  test("do not widen the valid ones beside them", async () => {
    const limited = authenticated(user({ addresses: ["10/8", "198.51.100.0/24"] }));
    expect(await decide({ limited })).toMatchObject({ outcome: "deny", reason: "address_not_allowed" });
  });
});

describe("the outcome", () => {
  test("is allow for a known caller with the right", async () => {
    expect(await decide({ ALICE })).toMatchObject({ outcome: "allow", caller: { subject: "alice" } });
  });

  test("is deny for a known caller without the right, and the policy is still complete", async () => {
    const decision = await decide({ ALICE }, {}, { path: "/secret" });
    expect(decision).toMatchObject({ outcome: "deny", reason: "route_not_granted", grants: [{ rule: "whoami" }] });
    expect(JSON.stringify(decision)).toContain("GET/whoami");
  });

  test("is unauthenticated without a credential", async () => {
    expect(await decide({})).toEqual({ outcome: "unauthenticated", reason: "credential_missing" });
  });

  test("is unauthenticated with credentials that nobody recognises", async () => {
    const credentials = [at("authorization")("?")];
    const expected = { outcome: "unauthenticated", reason: "credential_unrecognised" };
    expect(await decide({}, {}, { credentials })).toEqual(expected);
  });

  test("is unauthenticated with too many credentials, and none of them is verified", async () => {
    const config = { credentials: { maxCount: 1 } };
    expect(await decide({ ALICE, PARTNER }, config)).toEqual({
      outcome: "unauthenticated",
      reason: "credential_too_many",
    });
    expect(await decide({ ALICE }, config)).toMatchObject({ outcome: "allow" });
  });

  test("is unauthenticated if one of several credentials is rejected", async () => {
    for (const verdicts of [
      { ALICE, REVOKED },
      { REVOKED, ALICE },
    ]) {
      expect(await decide(verdicts)).toEqual({ outcome: "unauthenticated", reason: "key_revoked" });
    }
  });

  test("is unauthenticated if one credential is rejected and another cannot be verified", async () => {
    for (const verdicts of [
      { DOWN, REVOKED },
      { REVOKED, DOWN },
    ]) {
      expect(await decide(verdicts)).toEqual({ outcome: "unauthenticated", reason: "key_revoked" });
    }
  });

  test("is unavailable if one credential cannot be verified, even beside a valid one", async () => {
    const expected = { outcome: "unavailable", reason: "key_set_unavailable", cause: expect.any(Error) };
    expect(await decide({ ALICE, DOWN })).toEqual(expected);
    expect(await decide({ DOWN, ALICE })).toEqual(expected);
  });

  test("is deny for conflicting principals, and the policy denies everything", async () => {
    const BOB = authenticated(user({ subject: "bob" }));
    expect(await decide({ ALICE, BOB })).toMatchObject({
      outcome: "deny",
      reason: "principals_conflict",
      policy: { Statement: [{ Effect: "Deny", Resource: [expect.stringMatching(/\/prod\/\*$/)] }] },
    });
  });

  test("is unavailable if the policy is too large", async () => {
    const long = authenticated(user({ tenant: "t".repeat(128) }));
    const paths = [`/{tenant}/${"a".repeat(380)}`];
    const routes: SallyportConfig["routes"] = [{ name: "long", methods: ["GET"], paths }];
    expect(await decide({ long }, { routes })).toMatchObject({ outcome: "unavailable", reason: "policy_too_large" });
  });

  test("is unavailable if one resource of many is longer than API Gateway takes", async () => {
    const long = authenticated(user({ tenant: "t".repeat(128) }));
    const withLength = (length: number) => {
      const rest = "a".repeat(length - `${API}/prod/GET/${"t".repeat(128)}/`.length);
      const paths = ["/whoami", `/{tenant}/${rest}`, "/orders"];
      return decide({ long }, { routes: [{ name: "long", methods: ["GET"], paths }] });
    };
    expect(await withLength(512)).toMatchObject({ outcome: "allow" });
    expect(await withLength(513)).toMatchObject({ outcome: "unavailable", reason: "policy_too_large" });
  });

  describe("for a route that is not granted, without explicit denials, is a denial of that route", () => {
    const policy = { explicitDeny: false };
    const start = `${API}/prod/GET/`.length;
    const resourcesFor = async (length: number) => {
      const decision = await decide({ ALICE }, { policy }, { path: `/${"x".repeat(length - start)}` });
      if (!("policy" in decision) || !decision.policy) throw new Error("no policy");
      expect(decision).toMatchObject({ outcome: "deny", reason: "route_not_granted" });
      return decision.policy.Statement.flatMap(({ Effect, Resource = [] }) => (Effect === "Deny" ? Resource : []));
    };

    test("up to the 512 characters that API Gateway takes for a resource", async () => {
      expect((await resourcesFor(512)).map(({ length }) => length)).toEqual([512]);
    });

    test("and says nothing of a longer one, with which API Gateway would take no part of the policy", async () => {
      expect(await resourcesFor(513)).toEqual([]);
      expect(await resourcesFor(1500)).toEqual([]);
    });
  });

  test("is unavailable if an error is thrown, and the promise does not reject", async () => {
    /** A request that throws where the policy is bound to its address. */
    const breaking = (error: Error) => ({
      source: {
        viaVpcEndpoint: false,
        get address(): string {
          throw error;
        },
      },
    });
    const broken = await decide({ ALICE }, {}, breaking(new TypeError("broken")));
    expect(broken).toMatchObject({ outcome: "unavailable", reason: "internal_error" });
    const trouble = await decide({ ALICE }, {}, breaking(new TroubleError("key_record_invalid")));
    expect(trouble).toMatchObject({ outcome: "unavailable", reason: "key_record_invalid" });
  });
});

describe("with a cache whose only key is Authorization", () => {
  const config = { credentials: { query: { token: "bearer" as const } } };
  const cache = { headers: ["authorization"] };

  test("a credential in Authorization decides", async () => {
    expect(await decide({ ALICE }, config, { cache })).toMatchObject({ outcome: "allow" });
    const credentials = [at("authorizationToken", "token")("ALICE")];
    expect(await decide({ ALICE }, config, { cache, credentials })).toMatchObject({ outcome: "allow" });
  });

  test.each([
    ["another header", at("x-api-key")],
    ["the query string", at("token", "query")],
    ["a query parameter of the header's name", at("authorization", "query")],
  ])("a credential in %s refuses the request, even a valid one", async (_, place) => {
    const misplaced = { outcome: "unauthenticated", reason: "credential_misplaced" };
    const credentials = [at("authorization")("ALICE"), place("PARTNER")];
    expect(await decide({ ALICE, PARTNER }, config, { cache, credentials })).toEqual(misplaced);
    expect(await decide({ PARTNER }, config, { cache, credentials: [place("PARTNER")] })).toEqual(misplaced);
    expect(await decide({ DOWN }, config, { cache, credentials: [place("DOWN")] })).toEqual(misplaced);
  });

  test("an unrecognised value in another header is ignored", async () => {
    const credentials = [at("authorization")("ALICE"), at("x-api-key")("a key for a usage plan")];
    expect(await decide({ ALICE }, config, { cache, credentials })).toMatchObject({ outcome: "allow" });
  });

  test("a request with two Authorization lines is refused, even if both are valid", async () => {
    const repeated = { cache: { ...cache, repeated: ["authorization"] } };
    const ambiguous = { outcome: "unauthenticated", reason: "credential_ambiguous" };
    expect(await decide({ ALICE }, config, repeated)).toEqual(ambiguous);
    expect(await decide({ REVOKED }, config, repeated)).toEqual(ambiguous);
  });

  test("two Authorization lines without a credential count as no credential", async () => {
    const credentials = [at("authorization")("?"), at("authorization")("!")];
    const repeated = { credentials, cache: { ...cache, repeated: ["authorization"] } };
    expect(await decide({}, config, repeated)).toMatchObject({ reason: "credential_unrecognised" });
  });
});

test("without a cache, credentials are accepted in every configured place, and several at once", async () => {
  const credentials = [at("sec-websocket-protocol", "subprotocol")("ALICE"), at("x-api-key")("PARTNER")];
  expect(await decide({ ALICE, PARTNER }, {}, { credentials, cache: undefined })).toMatchObject({ outcome: "allow" });
});

describe("a simple response, which has no conditions,", () => {
  const simple = { simple: true as const };
  const unknown = { ...simple, source: { viaVpcEndpoint: false } };
  const LIMITED = authenticated(client({ addresses: ["0.0.0.0/0", "::/0"] }));
  const rule = (more: object) => ({ routes: [{ name: "r", methods: ["GET" as const], paths: ["/whoami"], ...more }] });
  const everywhere = ["0.0.0.0/0", "::/0"];

  test("allows a caller by a rule without address limits, whatever the address", async () => {
    for (const request of [simple, unknown]) {
      expect(await decide({ ALICE }, {}, request)).toMatchObject({ outcome: "allow" });
    }
  });

  test("denies a credential limited to addresses when the caller's address is unknown", async () => {
    expect(await decide({ LIMITED }, {}, simple)).toMatchObject({ outcome: "allow" });
    expect(await decide({ LIMITED }, {}, unknown)).toMatchObject({ outcome: "deny", reason: "address_not_allowed" });
    const conditional = { source: unknown.source };
    expect(await decide({ LIMITED }, {}, conditional)).toMatchObject({ outcome: "allow" });
  });

  test("denies when the only allowing rule is limited to addresses and the caller's address is unknown", async () => {
    const config = rule({ addresses: everywhere });
    expect(await decide({ ALICE }, config, simple)).toMatchObject({ outcome: "allow" });
    expect(await decide({ ALICE }, config, unknown)).toMatchObject({ outcome: "deny", reason: "address_not_allowed" });
  });

  test("denies by a denying rule limited to addresses when the caller's address is unknown", async () => {
    const deny = { name: "deny", effect: "deny" as const, methods: ["GET" as const], paths: ["/whoami"] };
    const config = { routes: [...rule({}).routes, { ...deny, addresses: ["198.51.100.0/24"] }] };
    expect(await decide({ ALICE }, config, simple)).toMatchObject({ outcome: "allow" });
    expect(await decide({ ALICE }, config, unknown)).toMatchObject({ outcome: "deny", reason: "route_denied" });
  });

  describe("when it may be cached", () => {
    const cached = { headers: ["authorization"] };
    const trouble = { outcome: "unavailable", reason: "simple_response_cached" };

    test("is unavailable, because other routes and addresses would get the same Allow", async () => {
      expect(await decide({ ALICE }, {}, { ...simple, cache: cached })).toMatchObject(trouble);
    });

    test("allows if the cache key contains route and address", async () => {
      const cache = { ...cached, isExact: true };
      expect(await decide({ ALICE }, {}, { ...simple, cache })).toMatchObject({ outcome: "allow" });
    });

    test("allows if the function's settings say that nothing is cached", async () => {
      const credentials = [{ ...at("authorization")("ALICE"), raw: "ALICE" }];
      const cache = { values: ["ALICE"] };
      expect(await decide({ ALICE }, {}, { ...simple, credentials, cache })).toMatchObject({ outcome: "allow" });
    });

    test("denies a caller without the right as usual", async () => {
      const request = { ...simple, cache: cached, path: "/secret" };
      expect(await decide({ ALICE }, {}, request)).toMatchObject({ outcome: "deny", reason: "route_not_granted" });
    });
  });

  test("these limits do not apply to a policy, because API Gateway evaluates its conditions for each request", async () => {
    expect(await decide({ ALICE }, {}, { cache: { headers: ["authorization"] } })).toMatchObject({ outcome: "allow" });
  });
});

describe("the policy ends", () => {
  const endOf = async (...decision: Parameters<typeof decide>) => {
    const text = JSON.stringify(await decide(...decision));
    return /"DateLessThan":\{"aws:CurrentTime":"([^"]+)"/.exec(text)?.[1];
  };

  test("with the credential that ends first", async () => {
    const early = authenticated(client({ expiresAt: NOW + 60 }));
    expect(await endOf({ ALICE, early })).toBe("2026-03-02T10:01:00Z");
  });

  test("after the configured lifetime when no credential has an end", async () => {
    const cache = {};
    expect(await endOf({ PARTNER }, {}, { cache })).toBe("2026-03-02T11:00:00Z");
    expect(await endOf({ PARTNER }, { policy: { maxLifetime: 60 } }, { cache })).toBe("2026-03-02T10:01:00Z");
  });

  test("soon after it leaves the cache", async () => {
    const late = authenticated(user({ expiresAt: NOW + 86_400 }));
    expect(await endOf({ late }, {}, { cache: { ttl: 300 } })).toBe("2026-03-02T10:06:00Z");
  });
});

describe("without explicit denials", () => {
  const config = { policy: { explicitDeny: false } };

  test("a denied route is denied explicitly, beside the routes that the policy allows", async () => {
    expect(await decide({ ALICE }, config, { path: "/secret" })).toMatchObject({
      outcome: "deny",
      policy: {
        Statement: [
          { Effect: "Allow", Resource: [expect.stringMatching(/GET\/whoami$/)] },
          { Effect: "Deny", Resource: [expect.stringMatching(/GET\/secret$/)] },
        ],
      },
    });
  });

  test("an allowed route gets an Allow and no Deny", async () => {
    const decision = await decide({ ALICE }, config);
    expect(decision).toMatchObject({ outcome: "allow", policy: { Statement: [{ Effect: "Allow" }] } });
  });
});
