import type { Identified } from "../identified.ts";
import { stateOf } from "./public-record.ts";

const PROBLEMS: Readonly<Record<Exclude<Identified["problem"], undefined>, string>> = {
  form: "This is no API key: one has the form prefix_environment_id_secret.",
  several: "There are several keys in this text: give one at a time.",
  prefix: "It is a key of another configuration: its prefix is another one.",
  environment: "It is a key of another environment, which another configuration knows.",
  checksum: "The checksum is wrong: there is a typo, or a part is missing, or somebody made it up.",
  unknown: "The table has no key with this id: it was deleted, is of another deployment, or was made up.",
  damaged: "The record of the key is damaged, so that nobody can use it.",
};

const SECRETS: Readonly<Record<Exclude<Identified["secret"], undefined>, string>> = {
  current: "right: the current one",
  previous: "right: the one before the last rotation",
  ended: "the one before the last rotation, which is no longer accepted: nothing is left to end",
  other: "not one of this key's: an earlier rotation replaced it, or somebody who knows the id made it up",
  absent: "not given: this is an id alone",
  unchecked: "not checked: the pepper cannot be read",
};

/** Why a text is no key that works. */
export const problemText = (problem: Exclude<Identified["problem"], undefined>): string => PROBLEMS[problem];

/** Which secret of the key a text has. What is right is accepted only if the key is. */
export function secretText({ secret = "absent", problem, record }: Identified, now: number): string {
  if (secret === "unchecked" && problem === "checksum") return "not checked, since the checksum is wrong";
  if (secret !== "previous" || !record) return SECRETS[secret];
  const state = stateOf(record, now);
  return `${SECRETS.previous}, ${state === "active" ? "which is still accepted" : `of a key that is ${state}`}`;
}
