import { expect, test } from "vitest";
import { decide } from "../../../functions/authorizer/decide.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import { configOf, requestFor, user } from "../../fixtures.ts";

const [OURS, THEIRS] = ["vpce-0123456789abcdef0", "vpce-0fedcba9876543210"];
const config = configOf({ routes: [{ name: "orders", methods: ["GET"], paths: ["/orders"], vpcEndpoints: [OURS] }] });

const through = (vpcEndpoint?: string) => {
  const source: AuthorizationRequest["source"] = {
    ...{ address: "10.0.0.1", viaVpcEndpoint: vpcEndpoint !== undefined },
    ...(vpcEndpoint !== undefined && { vpcEndpoint }),
  };
  return decide(requestFor("GET", "/orders", { source }), [user()], config);
};

test("a rule for one VPC endpoint allows requests through it, and the policy holds them to it", () => {
  const decision = through(OURS);
  expect(decision.outcome).toBe("allow");
  expect(JSON.stringify(decision)).toContain(`"aws:SourceVpce":["${OURS}"]`);
});

test("a request through another endpoint, or through none, is refused by name", () => {
  for (const endpoint of [THEIRS, undefined]) {
    expect(through(endpoint)).toMatchObject({ outcome: "deny", reason: "vpc_endpoint_not_allowed" });
  }
});
