import { readKey } from "../../providers/api-key/management/change.ts";
import { type KeyUpdate, updateKey } from "../../providers/api-key/management/update.ts";
import { type KeyRecord, versionOf } from "../../providers/api-key/record.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import type { CommandIo } from "../command-io.ts";
import { UsageError } from "../usage-error.ts";
import { type ChangeOptions, changeOf, nowInSeconds } from "./change-of.ts";
import { changedAddresses, changedList, changedTexts, type ListChange } from "./changed-lists.ts";
import type { Texts } from "./option-values.ts";
import { differences } from "./shown/differences.ts";
import { publicRecord } from "./shown/public-record.ts";
import { inTable } from "./table.ts";
import { wrongFields } from "./wrong-fields.ts";

/** A value, or false for its removal. */
type OrNone<Value> = Value | false;

/** Options of `sallyport keys update`. */
export interface UpdateOptions extends ChangeOptions {
  readonly name?: string;
  readonly owner?: OrNone<string>;
  readonly tenant?: OrNone<string>;
  readonly subject?: OrNone<string>;
  readonly usageKey?: OrNone<string>;
  readonly scope?: OrNone<string[]>;
  readonly addScope?: string[];
  readonly removeScope?: string[];
  readonly role?: OrNone<string[]>;
  readonly addRole?: string[];
  readonly removeRole?: string[];
  readonly address?: OrNone<string[]>;
  readonly addAddress?: string[];
  readonly removeAddress?: string[];
  readonly attribute?: OrNone<Texts>;
  readonly removeAttribute?: string[];
  readonly metadata?: OrNone<Texts>;
  readonly removeMetadata?: string[];
  readonly expiresIn?: number;
  /** False: the key does not expire. */
  readonly expiry: boolean;
  readonly ifVersion?: number;
  readonly json?: boolean;
}

/** Changes a key. What the options do not name stays as it is. */
export async function changeFields(id: string, options: UpdateOptions, io: CommandIo): Promise<void> {
  demandConsistent(options);
  const { before, record, isChanged } = await inTable(io, async (table) => {
    const current = await readKey(table, id);
    const update = updateOf(options, current);
    // Lists and texts by name are changed from what was read, so that nobody else's change of them is lost.
    const expected = options.ifVersion ?? versionOf(current);
    return updateKey(table, id, update, changeOf(options), { expected }).catch(wrongFields);
  });
  if (options.json) io.stdout.write(`${JSON.stringify(publicRecord(record, nowInSeconds()))}\n`);
  if (!isChanged) io.stderr.write(`Key ${id} is so already, and stays version ${versionOf(record)}.\n`);
  else
    io.stderr.write([`Key ${id} is version ${versionOf(record)} now:`, ...differences(before, record), ""].join("\n"));
}

/** @throws {UsageError} for an update of nothing, and for options that contradict each other */
function demandConsistent({ by: _, reason: __, ifVersion: ___, json: ____, expiry, ...fields }: UpdateOptions): void {
  if (Object.keys(fields).length === 0 && expiry) {
    throw new UsageError("What is to change? Give one option or more; --help lists them.");
  }
  for (const [whole, ...parts] of WHOLE_AND_PARTS) {
    const part = parts.find((each) => fields[each] !== undefined);
    if (fields[whole] === undefined || part === undefined || fields[whole] === false) continue;
    throw new UsageError(`--${whole} replaces all of them: it is not given with ${flagOf(part)}.`);
  }
  if (!expiry && fields.expiresIn !== undefined) {
    throw new UsageError("--expires-in and --no-expiry contradict each other.");
  }
}

const WHOLE_AND_PARTS = [
  ["scope", "addScope", "removeScope"],
  ["role", "addRole", "removeRole"],
  ["address", "addAddress", "removeAddress"],
] as const;

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function updateOf(options: UpdateOptions, { scopes, roles, addresses, attributes, metadata }: KeyRecord): KeyUpdate {
  const { name, expiresIn, expiry } = options;
  return withoutUndefined({
    name,
    owner: orNull(options.owner),
    tenant: orNull(options.tenant),
    subject: orNull(options.subject),
    usageIdentifierKey: orNull(options.usageKey),
    scopes: changedList(scopes, listChange("scope", options.scope, options.addScope, options.removeScope)),
    roles: changedList(roles, listChange("role", options.role, options.addRole, options.removeRole)),
    addresses: changedAddresses(
      addresses,
      listChange("address", options.address, options.addAddress, options.removeAddress),
    ),
    attributes: changedTexts(attributes, "attribute", options.attribute, options.removeAttribute),
    metadata: noneAsNull(changedTexts(metadata, "metadata", options.metadata, options.removeMetadata)),
    expiresIn: expiry ? expiresIn : null,
  }) as KeyUpdate;
}

const listChange = (
  option: string,
  whole: OrNone<string[]> | undefined,
  added: string[] | undefined,
  removed: string[] | undefined,
): ListChange => ({ option, whole, added, removed });

const orNull = (value: OrNone<string> | undefined) => (value === false ? null : value);

const noneAsNull = (texts: object | undefined) => (texts && Object.keys(texts).length === 0 ? null : texts);
