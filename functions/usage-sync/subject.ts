import { createHash } from "node:crypto";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";

/** Whose requests are counted together: those with the keys of an owner, or of a tenant. */
export interface Subject {
  readonly kind: "owner" | "tenant";
  readonly name: string;
}

/** A subject, and the usage plan that the configuration gives it. */
export interface Planned {
  readonly subject: Subject;
  /** ID of the usage plan. */
  readonly plan: string;
}

/** The subjects of the configuration, in its order. */
export const plannedSubjects = ({ usagePlans = [] }: ApiKeysConfig): Planned[] =>
  usagePlans.map(({ owner, tenant = "", plan }) => ({
    subject: owner === undefined ? { kind: "tenant", name: tenant } : { kind: "owner", name: owner },
    plan,
  }));

/** What counts for a key: the first entry of the configuration that names its owner or its tenant. */
export const plannedOf = (record: KeyRecord, planned: readonly Planned[]): Planned | undefined =>
  planned.find(({ subject: { kind, name } }) => record[kind] === name);

/** A text of a subject that names and tags of API Gateway can hold, whatever is in its name. */
export const subjectId = ({ kind, name }: Subject): string =>
  createHash("sha256").update(`${kind}:${name}`).digest("base64url").slice(0, 32);

/** The description of a subject's API Gateway key, for people, and to find the records of a left-over key. */
export const descriptionOf = ({ kind, name }: Subject): string => `Sallyport: requests of ${kind} ${name}`;

/** The subject that a description names, if it is that of the tag. */
export function subjectIn(description: string, id: string): Subject | undefined {
  const [, kind, name = ""] = /^Sallyport: requests of (owner|tenant) (.+)$/su.exec(description) ?? [];
  if (kind === undefined) return undefined;
  const subject: Subject = { kind: kind as Subject["kind"], name };
  return subjectId(subject) === id ? subject : undefined;
}
