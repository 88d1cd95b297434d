import type { Decision, ModelConfig, ModelPrincipal } from "./types.ts";

/** The first instant at which a policy allows nothing any more. */
export function endOf(config: ModelConfig, principals: readonly ModelPrincipal[], { time, ttl }: Decision): number {
  const ends = principals.flatMap(({ expiresAt }) => expiresAt ?? []);
  const last = ends.length > 0 ? Math.min(...ends) : time + (config.policy?.maxLifetime ?? 3600);
  const horizon = time + (ttl === undefined ? 3600 : ttl + 60);
  return Math.min(last, horizon);
}
