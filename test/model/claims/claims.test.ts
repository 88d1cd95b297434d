import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { answerEvent } from "../../../functions/authorizer/answer.ts";
import { evaluate } from "../../../iam/evaluate.ts";
import { requestEvent } from "../../../local/events/rest.ts";
import { createProviders } from "../../../providers/registry.ts";
import { configOf, NOW, UNCACHED } from "../../fixtures.ts";
import { AUDIENCE, ISSUER, mint, rsaKey } from "../../providers/jwt/mint.ts";
import { allows } from "../allows.ts";
import type { ModelConfig } from "../types.ts";
import { ENDPOINTS, type Question, question } from "./generate.ts";
import { principalOf } from "./principal.ts";

beforeAll(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 }));
afterAll(() => void vi.useRealTimers());

const key = rsaKey();
const ADDRESS = "10.1.2.3";
const PATHS = ["/a", "/a/b", "/u/alice"];

const found = new Set<string>();

async function compare({ rules, claims: given, likes, stage, endpoint }: Question) {
  const routes = rules.map((each, index) => ({ name: `rule-${index}`, ...each }));
  const config = configOf({
    jwt: {
      issuers: [
        {
          ...{ issuer: ISSUER, audience: AUDIENCE, keys: { jwks: { keys: [key.jwk as { kty: string }] } } },
          claims: { kind: "kind", attributes: { plan: "plan" } },
          ...(likes && { requiredClaims: { ref: { like: [...likes] } } }),
        },
      ],
    },
    routes: routes as never,
  });
  const event = requestEvent({
    ...{ method: "GET", path: "/a", resource: "/a", stage, address: ADDRESS, time: NOW },
    headers: { Authorization: `Bearer ${mint(key, given)}` },
  });
  Object.assign(event.requestContext.identity, endpoint && { vpceId: endpoint, vpcId: "vpc-1" });
  const authority = { config, providers: createProviders(config), cache: UNCACHED };
  const { trace, response } = await answerEvent(event, authority, new AbortController().signal);
  const principal = principalOf(given, { like: likes ? { ref: likes } : {} });
  const shown = JSON.stringify({ decision: trace.decision, principal });
  if (!principal) {
    expect(trace.decision, shown).toMatchObject({ outcome: "unauthenticated", reason: "token_claim_invalid" });
    found.add("token_claim_invalid");
    return;
  }
  const own = { routes: routes.filter(({ stages }) => !stages || stages.includes(stage)) } as ModelConfig;
  const model = { routes: own.routes.map(({ stages: _, ...each }) => each) };
  const decision = { time: NOW, address: ADDRESS, ttl: 0, ...(endpoint && { vpcEndpoint: endpoint }) };
  expect(response, shown).toHaveProperty("policyDocument");
  const { policyDocument } = response as { policyDocument: unknown };
  for (const path of PATHS) {
    for (const through of [undefined, ...ENDPOINTS]) {
      for (const age of [0, 1, 2, 10, 11, 52, 59, 60, 61]) {
        const time = NOW + age;
        const use = { time, address: ADDRESS, method: "GET", path, ...(through && { vpcEndpoint: through }) };
        const context = {
          "aws:currenttime": `${new Date(time * 1000).toISOString().slice(0, 19)}Z`,
          ...(endpoint ? { "aws:vpcsourceip": ADDRESS } : { "aws:sourceip": ADDRESS }),
          ...(through && { "aws:sourcevpce": through }),
        };
        const arn = event.methodArn.replace(/GET.*$/, `GET${path}`);
        const isAllowed = evaluate(policyDocument, { resource: arn, context }).effect === "allow";
        const expected = allows(model, [principal], decision, use);
        found.add(expected ? "allowed" : "denied");
        expect(isAllowed, `${shown} ${JSON.stringify(use)} ${JSON.stringify(policyDocument)}`).toBe(expected);
      }
    }
  }
}

test("claims open what the rules say of sign-ins, attributes, stages and endpoints, and for as long", async () => {
  await fc.assert(fc.asyncProperty(question, compare), { seed: 20_260_302, numRuns: 400 });
  expect([...found].toSorted()).toEqual(["allowed", "denied", "token_claim_invalid"]);
});
