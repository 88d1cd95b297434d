import type { ModelConfig, ModelDecision, ModelPrincipal } from "./types.ts";

/** The first instant at which a policy allows nothing any more. */
export function endOf(
  config: ModelConfig,
  principals: readonly ModelPrincipal[],
  { time, ttl }: ModelDecision,
): number {
  const longest = time + (config.policy?.maxLifetime ?? 3600);
  const last = Math.min(...principals.map(({ expiresAt }) => expiresAt ?? longest));
  const horizon = time + (ttl === undefined ? 3600 : ttl + 60);
  return Math.min(last, horizon);
}

/** The instants from which somebody signed in too long ago for a rule. */
export const ageEnds = ({ routes }: ModelConfig, principals: readonly ModelPrincipal[]): number[] =>
  routes.flatMap(({ authentication: { maxAge } = {} }) =>
    maxAge === undefined
      ? []
      : principals.flatMap(({ authentication: { time } = {} }) =>
          time === undefined ? [] : Math.floor(time + maxAge) + 1,
        ),
  );
