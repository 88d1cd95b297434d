import * as v from "valibot";
import { cidr } from "../../shared/domain/config/common.ts";
import { UsageError } from "../usage-error.ts";
import { type Texts, wrongValue } from "./option-values.ts";

/** What options say of a list of a key: all of it, or what is added and removed. */
export interface ListChange {
  /** The options' names, without dashes: `scope` for `--scope`, `--add-scope` and `--remove-scope`. */
  readonly option: string;
  /** False: none of it. */
  readonly whole: readonly string[] | false | undefined;
  readonly added: readonly string[] | undefined;
  readonly removed: readonly string[] | undefined;
}

/**
 * A list after a change; undefined if nothing is said of it.
 *
 * @throws {UsageError} for the removal of what is not there: a typo would leave a right that the operator means to take
 */
export function changedList(before: readonly string[] = [], change: ListChange): string[] | undefined {
  const { option, whole, added = [], removed = [] } = change;
  if (whole === undefined && added.length === 0 && removed.length === 0) return undefined;
  const start = [...(whole === undefined ? before : whole || []), ...added];
  for (const value of removed) demandPresent(value, start, `--remove-${option}`);
  return [...new Set(start)].filter((value) => !removed.includes(value));
}

/**
 * A list of addresses after a change, as `changedList`. In a record they are in one spelling.
 *
 * @throws {UsageError} if the key would be good everywhere, or was, and only `--no-address` says that it shall be
 */
export function changedAddresses(before: readonly string[] | undefined, change: ListChange): string[] | undefined {
  if (before === undefined && !change.whole && change.added !== undefined) {
    throw new UsageError("--add-address: the key is good for any address, which --address changes.");
  }
  const removed = change.removed?.map(spelled);
  const after = changedList(before, { ...change, removed });
  if (after?.length === 0 && removed !== undefined) {
    throw new UsageError(
      "--remove-address: no address would be left, and the key good everywhere: --no-address says so.",
    );
  }
  return after;
}

function spelled(address: string): string {
  const parsed = v.safeParse(cidr, address);
  return parsed.success ? String(parsed.output) : address;
}

/** Texts by their names after a change; undefined if nothing is said of them. @throws {UsageError} */
export function changedTexts(
  before: Readonly<Record<string, string | number | boolean>> = {},
  option: string,
  given: Texts | false | undefined,
  removed: readonly string[] = [],
) {
  if (given === undefined && removed.length === 0) return undefined;
  const after = given === false ? {} : { ...before, ...given };
  for (const name of removed) demandPresent(name, Object.keys(after), `--remove-${option}`);
  return Object.fromEntries(Object.entries(after).filter(([name]) => !removed.includes(name)));
}

function demandPresent(value: string, present: readonly string[], option: string): void {
  if (present.includes(value)) return;
  throw wrongValue(option, value, present.length === 0 ? "nothing: the key has none" : "one that the key has");
}
