import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { NAMES, type World } from "./world.ts";

/** A quantity that may grow, and the configuration and input for each size. */
export interface Dimension {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly config: (world: World, size: number) => SallyportConfig;
  /** Whether the start depends on it. */
  readonly atStart: boolean;
  /** Claims of the caller's tokens. */
  readonly claims: (size: number) => Readonly<Record<string, unknown>>;
  /** Other tokens that the process has seen before. */
  readonly seen: (size: number) => number;
}

const ROUTE = { methods: ["GET"] as ["GET"], paths: ["/tenants/{tenant}/orders"] };
const APPLIES = { ...ROUTE, name: "read-orders", scopes: { allOf: ["orders:read"] } };

/** A configuration with only JWTs, because these quantities concern only JWTs. */
const configOf = ({ config: { jwt } }: World, routes: SallyportConfig["routes"] = [APPLIES]): SallyportConfig => ({
  ...(jwt && { jwt }),
  routes,
});

/** The benchmark's issuer as the last of `size` issuers. */
function withIssuers(world: World, size: number): SallyportConfig {
  const config = configOf(world);
  const own = config.jwt?.issuers[0];
  if (!own) throw new Error("no issuer");
  const others = Array.from({ length: size - 1 }, (_, index) => ({ ...own, issuer: `${NAMES.issuer}/${index}` }));
  return { ...config, jwt: { issuers: [...others, own] } };
}

/** Rules with scopes and roles that the caller does not have, and one rule in the middle that applies. */
function withRules(world: World, size: number): SallyportConfig {
  const others = Array.from({ length: size - 1 }, (_, index) => ({
    ...{ name: `area-${index}`, methods: ["GET"] as ["GET"], paths: [`/areas/${index}/*`] },
    ...(index % 2 === 0 ? { scopes: { allOf: [`area-${index}:read`] } } : { roles: { anyOf: [`area-${index}`] } }),
  }));
  return configOf(world, [...others.slice(0, size / 2), APPLIES, ...others.slice(size / 2)]);
}

const rolesOf = (size: number) => Array.from({ length: size }, (_, index) => `group-${index}`);

export const DIMENSIONS: readonly Dimension[] = [
  { name: "issuers", sizes: [1, 10, 100, 1000], config: withIssuers, atStart: true, claims: () => ({}), seen: () => 0 },
  { name: "rules", sizes: [1, 10, 100, 1000], config: withRules, atStart: true, claims: () => ({}), seen: () => 0 },
  {
    name: "roles of the caller",
    sizes: [0, 4, 16, 64, 256],
    config: (world) => configOf(world),
    atStart: false,
    claims: (size) => ({ roles: rolesOf(size) }),
    seen: () => 0,
  },
  {
    name: "tokens seen before",
    sizes: [1, 10, 100, 1000, 10_000],
    config: (world) => configOf(world),
    atStart: false,
    claims: () => ({}),
    seen: (size) => size,
  },
];
