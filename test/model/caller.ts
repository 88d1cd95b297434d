import { ownValue } from "./placeholders.ts";
import type { ModelConfig, ModelPrincipal } from "./types.ts";

/** Whether the principals make one caller. Otherwise everything is denied. */
export function isOneCaller(config: ModelConfig, principals: readonly ModelPrincipal[]): boolean {
  const tenants = new Set(principals.flatMap(({ tenant }) => tenant ?? []));
  const clients = principals.filter(({ kind }) => kind === "client");
  const others = principals.filter(({ kind }) => kind !== "client");
  return tenants.size <= 1 && clients.length <= 1 && areOnePerson(config, others);
}

function areOnePerson(config: ModelConfig, people: readonly ModelPrincipal[]): boolean {
  if (people.length <= 1) return true;
  const same = config.merge?.samePerson;
  if (!same) return false;
  const name = "subject" in same ? "subject" : `attributes.${same.attribute}`;
  const values = people.map((person) => ownValue(name, person));
  // Two people who both lack the attribute have no value in common.
  return values.every((value) => value !== undefined && value === values[0]);
}
