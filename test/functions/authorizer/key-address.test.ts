import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { authorize } from "../../../functions/authorizer/authorize.ts";
import { evaluate } from "../../../iam/evaluate.ts";
import { apiKeyProvider } from "../../../providers/api-key/index.ts";
import { issueApiKey } from "../../../providers/api-key/management/issue.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import type { KeyStore } from "../../../providers/api-key/store.ts";
import { instantNow } from "../../../shared/infrastructure/remote/elapsed.ts";
import { API, configOf, NOW, requestFor } from "../../fixtures.ts";

/** From a key that is limited to addresses to the policy. */
const INSIDE = "192.0.2.9";
const OUTSIDE = "198.51.100.1";

beforeAll(() => {
  process.env.TEST_PEPPER_ADDRESS = randomBytes(32).toString("hex");
});

interface Case {
  /** Of the key. None: from anywhere. */
  readonly addresses?: string[];
  /** Of the caller, as the event tells it. None: a TOKEN event, which tells none. */
  readonly from?: string;
  readonly bindAddress: boolean;
  readonly explicitDeny?: boolean;
}

async function decisionOn({ addresses = [], from, bindAddress, explicitDeny = true }: Case) {
  const config = configOf({
    apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "TEST_PEPPER_ADDRESS" } }] },
    policy: { bindAddress, explicitDeny },
  });
  if (!config.apiKeys) throw new Error("no section");
  const records = new Map<string, KeyRecord>();
  const store: KeyStore = {
    get: async (id) => {
      const record = records.get(id);
      return { readAt: instantNow(), ...(record && { record }) };
    },
  };
  const table = { add: async (record: KeyRecord) => void records.set(record.id, record) };
  const { key } = await issueApiKey({ name: "Partner", addresses }, config.apiKeys, table, { by: "test", time: NOW });
  const request = requestFor("GET", "/whoami", {
    credentials: [{ scheme: "api-key", value: key, location: { in: "token", name: "authorizationToken" } }],
    source: { ...(from !== undefined && { address: from }), viaVpcEndpoint: false },
  });
  const providers = [apiKeyProvider(config.apiKeys, { openStore: async () => store })];
  return (await authorize(request, { config, providers }, new AbortController().signal)).decision;
}

/** What the policy says of the same request from another place. */
async function effectFrom(place: string, given: Case) {
  const decision = await decisionOn(given);
  if (decision.outcome !== "allow") throw new Error("not allowed");
  const context = { "aws:sourceip": place, "aws:currenttime": new Date(NOW * 1000).toISOString() };
  return evaluate(decision.policy, { resource: `${API}/prod/GET/whoami`, context }).effect;
}

describe("the policy for a key that is limited to addresses allows these only", () => {
  const addresses = ["192.0.2.0/24", "2001:db8::/32"];
  test.each<[string, Omit<Case, "addresses">]>([
    ["with policy.bindAddress: false", { from: INSIDE, bindAddress: false }],
    ["where the caller's address is not known", { bindAddress: true }],
    ["where neither is", { bindAddress: false }],
  ])("%s", async (_what, given) => {
    for (const place of [INSIDE, "192.0.2.200", "2001:db8::1"]) {
      expect(await effectFrom(place, { ...given, addresses })).toBe("allow");
    }
    for (const place of [OUTSIDE, "2001:db9::1"]) {
      expect(await effectFrom(place, { ...given, addresses })).toBe("explicit-deny");
      expect(await effectFrom(place, { ...given, addresses, explicitDeny: false })).toBe("implicit-deny");
    }
  });

  test("and of these the caller's own, where binding is on", async () => {
    const given = { addresses, from: INSIDE, bindAddress: true };
    expect(await effectFrom(INSIDE, given)).toBe("allow");
    expect(await effectFrom("192.0.2.200", given)).toBe("explicit-deny");
  });

  test.each([true, false])("and refuses a caller from elsewhere, with policy.bindAddress: %s", async (bindAddress) => {
    const given = { addresses, from: OUTSIDE, bindAddress };
    expect(await decisionOn(given)).toMatchObject({ outcome: "deny", reason: "address_not_allowed" });
  });
});

test("the policy for a key without addresses is bound to the caller's, and to none with policy.bindAddress: false", async () => {
  expect(await effectFrom(OUTSIDE, { from: INSIDE, bindAddress: true })).toBe("explicit-deny");
  expect(await effectFrom(OUTSIDE, { from: INSIDE, bindAddress: false })).toBe("allow");
  expect(await effectFrom(OUTSIDE, { bindAddress: true })).toBe("allow");
});
