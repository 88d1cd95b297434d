import type { SallyportConfig } from "../../shared/domain/config/schema.ts";

/** The VPC endpoint of a private API that the rules know. */
export const VPC_ENDPOINT = "vpce-0123456789abcdef0";

/** Rules of the stage beside those of the project: what a request has to be, beside whose it is. */
export const EXAMPLE_RULES = [
  {
    // How, and how long ago, the caller signed in.
    ...{ name: "pay-out", methods: ["POST"], paths: ["/payouts"] },
    authentication: { methods: { anyOf: ["mfa"] }, maxAge: 900 },
  },
  { name: "staff", methods: ["GET"], paths: ["/staff"], attributes: { email: "*@acme.example" } },
  { name: "released", methods: ["GET"], paths: ["/features/released"], stages: ["prod"] },
  { name: "previewed", methods: ["GET"], paths: ["/features/previewed"], stages: ["beta"] },
  { name: "internal", methods: ["GET"], paths: ["/internal"], vpcEndpoints: [VPC_ENDPOINT] },
] as const satisfies SallyportConfig["routes"];
