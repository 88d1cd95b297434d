import type { ModelConfig, ModelPrincipal } from "./types.ts";

/** Whether the principals can be merged into one caller. Otherwise everything is denied. */
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
  const values = people.map(({ subject, attributes }) => ("subject" in same ? subject : attributes[same.attribute]));
  // Only equal texts count: a missing attribute or a number does not show that two principals are the same person.
  return values.every((value) => typeof value === "string" && value !== "" && value === values[0]);
}
