import * as v from "valibot";
import { issueApiKey, type KeyOptions } from "../../providers/api-key/management/issue.ts";
import { allowedOf } from "../../shared/domain/config/allowed.ts";
import { shownPath } from "../../shared/domain/config/mistakes.ts";
import type { CommandIo } from "../command-io.ts";
import { UsageError } from "../usage-error.ts";
import { inTable } from "./table.ts";

/** Options of `sallyport keys issue`. */
export interface IssueOptions {
  readonly name: string;
  readonly scope?: string[];
  readonly role?: string[];
  readonly address?: string[];
  readonly attribute?: Record<string, string>;
  readonly tenant?: string;
  readonly subject?: string;
  /** Lifetime in seconds; without it the key does not expire. */
  readonly expiresIn?: number;
  readonly usageKey?: string;
  readonly json?: boolean;
}

/** Issues a key and prints it. */
export async function issueKey({ json, ...given }: IssueOptions, io: CommandIo): Promise<void> {
  const options = keyOptionsOf(given);
  const now = Math.floor(Date.now() / 1000);
  const { key, record } = await inTable(io, (store, config) =>
    issueApiKey(options, config, store, { by: "sallyport keys", time: now }).catch(wrongOptions),
  );
  const { hash: _, ...shown } = record;
  if (json) {
    io.stdout.write(`${JSON.stringify({ key, ...shown })}\n`);
    return;
  }
  const end =
    record.expiresAt === undefined ? "does not expire" : `expires ${new Date(record.expiresAt * 1000).toISOString()}`;
  io.stderr.write(`Key ${record.id} for ${record.name}, ${end}. It is shown this once:\n`);
  io.stdout.write(`${key}\n`);
}

function keyOptionsOf(given: Omit<IssueOptions, "json">): KeyOptions {
  const {
    scope: scopes = [],
    role: roles = [],
    address: addresses = [],
    attribute: attributes = {},
    ...others
  } = given;
  const { usageKey, ...same } = others;
  const options = { ...same, scopes, roles, addresses, attributes };
  return usageKey === undefined ? options : { ...options, usageIdentifierKey: usageKey };
}

/** Fields of a key whose option has another name. */
const OPTIONS: ReadonlyMap<unknown, string> = new Map([
  ["scopes", "--scope"],
  ["roles", "--role"],
  ["addresses", "--address"],
  ["attributes", "--attribute"],
  ["usageIdentifierKey", "--usage-key"],
  ["expiresIn", "--expires-in"],
]);

/** The option that gave a field, by the name that the user typed; the field's own name may be a secret. */
const optionOf = ([field]: readonly unknown[]) => OPTIONS.get(field) ?? `--${shownPath([field])}`;

/** Lists what each option accepts. The given values are left out because one may be a secret. */
function wrongOptions(error: unknown): never {
  if (!(error instanceof v.ValiError)) throw error;
  const lines = error.issues.map((issue) => {
    const keys = (issue.path ?? []).map(({ key }: { key: unknown }) => key);
    return `${optionOf(keys)}: allowed is ${allowedOf(issue)}`;
  });
  throw new UsageError(lines.join("\n"));
}
