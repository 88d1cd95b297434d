import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import { ENDPOINTS } from "./generate-config.ts";
import { ADDRESSES } from "./generate-principals.ts";
import { ageEnds, endOf } from "./life.ts";
import type { Random } from "./random.ts";
import { rightsOf } from "./rights.ts";
import type { ModelConfig, ModelDecision, ModelPrincipal, Use } from "./types.ts";
import { boundaries } from "./windows.ts";

export interface ModelRoute {
  readonly method: string;
  readonly path: string;
}

const METHODS = ["GET", "GET", "GET", "POST", "DELETE", "PATCH", "HEAD"];
const UNUSUAL = ["PROPFIND", "TRACE", "LOCK"];
const REST = [
  "",
  "b",
  "c",
  "x",
  "b/c",
  "audit/c",
  "d.json",
  "%61",
  "b c",
  "b;v=1",
  "%2e%2e/b",
  "..%2Fb",
  "b#",
  "B",
  "a?b",
  "é",
];

/** A route near the rules: one of their paths with its wildcards filled. */
export function route(random: Random, config: ModelConfig, principals: readonly ModelPrincipal[]): ModelRoute {
  const { grants } = rightsOf(config, principals);
  // Mostly from rules that allow the caller something, so that many decisions allow.
  const granted = grants.length > 0 && random.chance(0.75) ? random.pick(grants) : undefined;
  const { methods, paths } = granted ? { ...granted.rule, paths: granted.paths } : random.pick(config.routes);
  const method = methods === "ANY" || random.chance(0.1) ? random.pick(METHODS) : random.pick(methods);
  return { method: random.chance(0.04) ? random.pick(UNUSUAL) : method, path: concrete(random, random.pick(paths)) };
}

/** Fills a path: wildcards get different rests, and placeholders get the caller's own value or another one. */
function concrete(random: Random, pattern: string): string {
  const filled = pattern.replace(/\{[^}]+\}/g, () =>
    random.pick(["alice", "bob", "acme", "partner", "b", "x", "7", "sales"]),
  );
  return filled.replaceAll("*", () => random.pick(REST));
}

/** A route and other names for it, as they may stand in an ARN. */
export function spelled(random: Random, { method, path }: ModelRoute): ModelRoute {
  const slash = random.pick([...path.matchAll(/\//g)].map(({ index }) => index));
  const [head, tail] = [path.slice(0, slash), path.slice(slash + 1)];
  const other = random.pick([
    `${head}//${tail}`,
    `${head}/./${tail}`,
    `${head}/z/../${tail}`,
    `${head}%2F${tail}`,
    `${head}%252F${tail}`,
    `${head}/%61${tail.slice(1)}`,
    `${head}/%2e%2E/${tail}`,
    `${head}/%252e%252E/${tail}`,
    `${head};v=1/${tail}`,
    `${head}\\${tail}`,
    `${path}#`,
    `${path} `,
    `${path}/`,
    `${path}/.`,
    `${path}/..`,
    `${path}/x/..`,
    `/a/..${path}`,
    `/a/b${path}`,
    path.toUpperCase(),
  ]);
  return {
    method: random.chance(0.1) ? random.pick(UNUSUAL) : method,
    path: other.startsWith("/") ? other : `/${other}`,
  };
}

/** Uses of one decision: instants at which something may change, routes, other names of them, and addresses. */
export function uses(
  random: Random,
  config: ModelConfig,
  principals: readonly ModelPrincipal[],
  decision: ModelDecision,
  asked: ModelRoute,
  count: number,
): Use[] {
  const times = instants(random, config, principals, decision);
  const alive = times.filter((time) => time < endOf(config, principals, decision));
  const others = Array.from({ length: 8 }, () => route(random, config, principals));
  const routes = [
    asked,
    ...others,
    ...Array.from({ length: 7 }, () => spelled(random, random.pick([asked, ...others]))),
  ];
  const own = decision.address ?? random.pick(ADDRESSES);
  const through = () => (random.chance(0.5) ? decision.vpcEndpoint : random.pick(["", ...ENDPOINTS]) || undefined);
  return Array.from({ length: count }, () => ({
    ...(random.chance(0.2) ? asked : random.pick(routes)),
    time: random.pick(alive.length > 0 && random.chance(0.75) ? alive : times),
    address: random.chance(0.75) ? own : address(random),
    ...withoutUndefined({ vpcEndpoint: through() }),
  }));
}

export function address(random: Random): string {
  // The same address in other letters is the same address.
  return random.chance(0.05) ? "2001:DB8:0:0:0:0:0:1" : random.pick(ADDRESSES);
}

function instants(
  random: Random,
  config: ModelConfig,
  principals: readonly ModelPrincipal[],
  decision: ModelDecision,
): number[] {
  const end = endOf(config, principals, decision);
  const all = config.routes.flatMap(({ windows = [] }) => windows);
  const changes = boundaries(all, decision.time - 2, decision.time + 3700);
  const found = [end, ...changes, ...ageEnds(config, principals)].flatMap((time) => [time - 1, time, time + 1]);
  const any = Array.from({ length: 3 }, () => decision.time + random.whole(0, 3700));
  return [decision.time, decision.time + 1, ...any, ...found].filter((time) => time >= decision.time);
}
