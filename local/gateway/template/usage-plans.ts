import type { PlannedKey } from "../usage-plans.ts";
import type { Properties, TemplateResource } from "./resource.ts";

/** API keys with the usage plans that they belong to: `AWS::ApiGateway::ApiKey`, `UsagePlan` and `UsagePlanKey`. */
export function plannedKeys(resources: readonly TemplateResource[]): PlannedKey[] {
  const named = (type: string, name: unknown) =>
    resources.find((each) => each.type === `AWS::ApiGateway::${type}` && each.name === name)?.properties;
  return resources
    .filter(({ type }) => type === "AWS::ApiGateway::UsagePlanKey")
    .flatMap(({ properties: { KeyId, UsagePlanId } }) => {
      const key = named("ApiKey", KeyId);
      if (typeof key?.Value !== "string") return [];
      const plan = named("UsagePlan", UsagePlanId) ?? {};
      const [throttle, quota] = [Object(plan.Throttle) as Properties, Object(plan.Quota) as Properties];
      return [
        {
          value: key.Value,
          enabled: key.Enabled !== false,
          ...(throttle.RateLimit !== undefined && { rate: Number(throttle.RateLimit) }),
          ...(throttle.BurstLimit !== undefined && { burst: Number(throttle.BurstLimit) }),
          ...(quota.Limit !== undefined && { quota: Number(quota.Limit) }),
        },
      ];
    });
}
