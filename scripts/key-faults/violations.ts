import type { CloudRecord, EventPut } from "../../local/cloud/report.ts";
import type { Calls } from "./callers.ts";
import type { OperatedKey } from "./operators.ts";

/** What is known of a case when it has come to rest. */
export interface Facts {
  readonly keys: readonly OperatedKey[];
  readonly records: readonly CloudRecord[];
  readonly calls: Calls;
  /** Milliseconds after which no refused secret may be accepted. */
  readonly limit: number;
  readonly poisoned: boolean;
}

/** Compares what came with what had to come. */
export function violationsOf({ keys, records, calls, limit, poisoned }: Facts) {
  const puts = records.filter((record): record is CloudRecord & EventPut => record.kind === "event");
  const whole = puts.map(({ detail }) => String((detail as { id?: unknown }).id));
  const ids = whole.map(versionIn);
  const came = new Set(ids);
  const expected = new Set(
    keys.flatMap(({ id, changes }) => changes.map((name, index) => `${id}:${index + 1}:${name}`)),
  );
  const given = records.filter(({ kind }) => kind === "given up").length;
  const violations = [
    ...[...expected].filter((id) => !came.has(id)).map((id) => `lost: ${id}`),
    ...[...came].filter((id) => !expected.has(id)).map((id) => `invented: ${id}`),
    ...keys.flatMap((key) => disorderOf(key, ids)),
    // Of one version of a key, there is one change and one mark.
    ...(new Set(whole).size > came.size ? ["an event came with two ids"] : []),
    ...(calls.latest > limit ? [`a refused secret was accepted ${Math.round(calls.latest)} ms later`] : []),
    ...(calls.wronglyRefused > 0 ? [`${calls.wronglyRefused} requests with sound secrets were refused`] : []),
    ...(calls.accepted === 0 ? ["no request was accepted"] : []),
    ...(given > 0 && !poisoned ? [`${given} records, messages or events were given up`] : []),
    ...leaksIn(JSON.stringify(records), keys),
  ];
  return { events: came.size, duplicates: ids.length - came.size, violations };
}

/** The id of an event without the mark of its change: key, version and name. */
const versionIn = (id: string) => id.split(":").slice(0, 3).join(":");

/** Events of a key come in the order of its changes, when each is seen first. */
function disorderOf({ id, changes }: OperatedKey, ids: readonly string[]): string[] {
  const seen = [...new Set(ids.filter((each) => each.startsWith(`${id}:`)))];
  const order = changes.map((name, index) => `${id}:${index + 1}:${name}`).filter((each) => seen.includes(each));
  return seen.join() === order.join() ? [] : [`in disorder: ${seen.join(", ")}`];
}

/** Secrets, and hashes of them, in what the cloud told of itself. */
function leaksIn(text: string, keys: readonly OperatedKey[]): string[] {
  const secrets = keys.flatMap((key) => key.secrets.map((secret) => secret.text.split("_")[3] ?? ""));
  return secrets.some((secret) => text.includes(secret.slice(0, 20))) ? ["a secret is in an event or a report"] : [];
}
