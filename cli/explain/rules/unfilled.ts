import type { RouteRule } from "../../../shared/domain/config/routes.ts";
import type { MergeConfig } from "../../../shared/domain/config/schema.ts";
import { fillPath } from "../../../shared/domain/policy/fill-path.ts";
import { type Party, partiesFor } from "../../../shared/domain/policy/requirements.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import type { Obstacle } from "./obstacle.ts";
import { credentialName } from "./unmet.ts";

/**
 * Placeholders of an allowing rule's paths that the principals which meet it have no usable value for. The path opens
 * nothing then. In a denying rule such a placeholder stands for any value.
 */
export function unfilledBy(rule: RouteRule, principals: readonly Principal[], merge: MergeConfig): Obstacle[] {
  if (rule.effect === "deny") return [];
  const parties = partiesFor(rule, principals, merge);
  return (rule.paths ?? []).flatMap((path) => {
    if (parties.some((party) => fillPath(path, party) !== undefined)) return [];
    return parties.flatMap((party) =>
      placeholdersOf(path)
        .filter((name) => fillPath(`/{${name}}`, party) === undefined)
        .map((name) => ({
          option: "paths" as const,
          ...(principals.length > 1 && { principal: party.map(credentialName).join(" and ") }),
          text: `${path}: {${name}} ${problemOf(name, party)}`,
        })),
    );
  });
}

const placeholdersOf = (path: string) => [...new Set([...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => name))];

function problemOf(name: string, party: Party): string {
  if (name === "client" && !party.some(({ kind }) => kind === "client")) return "has no value: this is no client";
  const attribute = name.replace(/^attributes\./, "");
  const isMissing =
    name === "tenant"
      ? party.every(({ tenant }) => tenant === undefined)
      : name.startsWith("attributes.") && !party.some(({ attributes }) => Object.hasOwn(attributes, attribute));
  return isMissing ? "has no value" : "has a value that is no plain segment of a path";
}
