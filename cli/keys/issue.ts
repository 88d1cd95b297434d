import { issueApiKey, type KeyOptions } from "../../providers/api-key/management/issue.ts";
import type { CommandIo } from "../command-io.ts";
import { type ChangeOptions, changeOf } from "./change-of.ts";
import type { Texts } from "./option-values.ts";
import { withSecret } from "./shown/public-record.ts";
import { shownEnd } from "./shown/times.ts";
import { inTable } from "./table.ts";
import { wrongFields } from "./wrong-fields.ts";

/** Options of `sallyport keys issue`. */
export interface IssueOptions extends ChangeOptions {
  readonly name: string;
  readonly owner?: string;
  readonly scope?: string[];
  readonly role?: string[];
  readonly address?: string[];
  readonly attribute?: Texts;
  readonly metadata?: Texts;
  readonly tenant?: string;
  readonly subject?: string;
  /** Lifetime in seconds; without it the key does not expire. */
  readonly expiresIn?: number;
  readonly usageKey?: string;
  readonly json?: boolean;
}

/** Issues a key and prints it. */
export async function issueKey({ json, by, reason, ...given }: IssueOptions, io: CommandIo): Promise<void> {
  const change = changeOf({ ...(by !== undefined && { by }), ...(reason !== undefined && { reason }) });
  const { key, record } = await inTable(io, (table, config) =>
    issueApiKey(keyOptionsOf(given), config, table, change).catch(wrongFields),
  );
  if (json) {
    io.stdout.write(`${JSON.stringify(withSecret(record, key, change.time))}\n`);
    return;
  }
  const { id, name, expiresAt } = record;
  const end = expiresAt === undefined ? "does not expire" : `expires ${shownEnd(expiresAt, change.time)}`;
  io.stderr.write(`Key ${id} for ${name}, ${end}. It is shown this once:\n`);
  io.stdout.write(`${key}\n`);
}

function keyOptionsOf(given: Omit<IssueOptions, "json" | "by" | "reason">): KeyOptions {
  const {
    scope: scopes = [],
    role: roles = [],
    address: addresses = [],
    attribute: attributes = {},
    usageKey,
    ...same
  } = given;
  const options = { ...same, scopes, roles, addresses, attributes };
  return usageKey === undefined ? options : { ...options, usageIdentifierKey: usageKey };
}
