export {
  type CodePolicy,
  type PolicyOptions,
  type PolicyResult,
  policyFor,
} from "../functions/authorizer/policy-for.ts";
export { ConfigurationError } from "../shared/domain/config/configuration-error.ts";
export { type PolicyMethod, pathSegment } from "../shared/domain/policy/policy-builder.ts";
export type { RuleLimits } from "../shared/domain/policy/rule-limits.ts";
export { TroubleError } from "../shared/domain/reasons/errors.ts";
