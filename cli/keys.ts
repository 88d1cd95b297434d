import { parseArgs } from "node:util";
import * as v from "valibot";
import { issueApiKey, type KeyOptions } from "../providers/api-key/issue.ts";
import type { KeyStatus } from "../providers/api-key/record.ts";
import type { KeyStore } from "../providers/api-key/store.ts";
import type { ApiKeysConfig } from "../shared/domain/config/api-keys.ts";
import { allowedOf, shownPath } from "../shared/domain/config/mistakes.ts";
import { TroubleError } from "../shared/domain/reasons/errors.ts";
import type { Command, CommandIo } from "./command.ts";
import { errorText, isArgumentError } from "./error-text.ts";

const USAGE = `Usage: sallyport keys issue --name NAME [options]
       sallyport keys revoke|disable|enable ID

issue prints the new key on standard output, once: it is not kept anywhere. All else goes to standard error.

  --name NAME            what people call the key
  --scope SCOPE          a scope of the key; may be repeated, as --role and --address
  --role ROLE
  --tenant TENANT        whose key it is
  --subject SUBJECT      whom it proves; without it, the key's own id
  --expires-in TIME      90d, 12h or 30m; without it the key does not expire
  --address CIDR         where it may be used from; without it, from anywhere
  --attribute NAME=TEXT  a value for the backend's context; may be repeated
  --usage-key VALUE      value of an API Gateway API key, for a usage plan
  --json                 one object with the key and its record on standard output

disable can be undone by enable; revoke cannot.
`;

const STATUS: Readonly<Record<string, KeyStatus>> = { revoke: "revoked", disable: "disabled", enable: "active" };

const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60 };

/** What is wrong with how the command was called. */
class UsageError extends Error {}

export const run: Command = async (argv, io) => {
  if (argv.includes("--help") || argv.includes("-h")) {
    io.stdout.write(USAGE);
    return 0;
  }
  const [action = "", ...rest] = argv;
  try {
    const config = (await io.config()).apiKeys;
    if (!config) throw new UsageError("The configuration has no `apiKeys`.");
    if (action === "issue") return await issue(rest, config, io);
    const status = Object.hasOwn(STATUS, action) ? STATUS[action] : undefined;
    if (!status || rest.length !== 1) throw new UsageError(USAGE);
    return await setStatus(rest[0] ?? "", status, await openStore(config), io);
  } catch (error) {
    return report(error, io);
  }
};

const openStore = async ({ table }: ApiKeysConfig) =>
  (await import("../providers/api-key/dynamodb-store.ts")).dynamoDbStore(table);

async function issue(argv: string[], config: ApiKeysConfig, { stdout, stderr }: CommandIo): Promise<number> {
  const { options, json } = readOptions(argv);
  const { key, record } = await issueApiKey(options, config, await openStore(config), Math.floor(Date.now() / 1000));
  const { hash: _, ...shown } = record;
  if (json) {
    stdout.write(`${JSON.stringify({ key, ...shown })}\n`);
    return 0;
  }
  const end =
    record.expiresAt === undefined ? "does not expire" : `expires ${new Date(record.expiresAt * 1000).toISOString()}`;
  stderr.write(`Key ${record.id} for ${record.name}, ${end}. It is shown this once:\n`);
  stdout.write(`${key}\n`);
  return 0;
}

function readOptions(argv: string[]): { options: KeyOptions; json: boolean } {
  const { values } = parseArgs({
    args: argv,
    options: {
      name: { type: "string" },
      scope: { type: "string", multiple: true, default: [] },
      role: { type: "string", multiple: true, default: [] },
      address: { type: "string", multiple: true, default: [] },
      attribute: { type: "string", multiple: true, default: [] },
      tenant: { type: "string" },
      subject: { type: "string" },
      "expires-in": { type: "string" },
      "usage-key": { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { name, tenant, subject, "expires-in": expiresIn, "usage-key": usageIdentifierKey } = values;
  if (name === undefined) throw new UsageError("--name is missing: call the key something.");
  return {
    json: values.json,
    options: {
      name,
      scopes: values.scope,
      roles: values.role,
      addresses: values.address,
      attributes: Object.fromEntries(values.attribute.map(readAttribute)),
      ...(tenant !== undefined && { tenant }),
      ...(subject !== undefined && { subject }),
      ...(usageIdentifierKey !== undefined && { usageIdentifierKey }),
      ...(expiresIn !== undefined && { expiresIn: readDuration(expiresIn) }),
    },
  };
}

function readAttribute(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError("--attribute takes NAME=TEXT.");
  return [name, value];
}

function readDuration(text: string): number {
  const [, count, unit = ""] = /^([1-9]\d{0,4})([dhm])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError("--expires-in takes a number with d, h or m behind it, such as 90d.");
  return Number(count) * (UNITS[unit] ?? 0);
}

async function setStatus(id: string, status: KeyStatus, store: KeyStore, { stderr }: CommandIo): Promise<number> {
  if (await store.setStatus(id, status)) {
    stderr.write(`Key ${id} is ${status}.\n`);
    return 0;
  }
  stderr.write("There is no such key, or it was revoked, which is for good. The id is the third part of the key.\n");
  return 1;
}

function report(error: unknown, { stderr }: CommandIo): number {
  if (error instanceof v.ValiError) {
    for (const issue of error.issues) {
      const keys = (issue.path ?? []).map(({ key }: { key: unknown }) => key);
      stderr.write(`${shownPath(keys)}: allowed is ${allowedOf(issue)}\n`);
    }
    return 2;
  }
  const { code } = error as { code?: unknown };
  if (error instanceof UsageError || isArgumentError(error)) {
    stderr.write(`${errorText(error)}\n`);
    return 2;
  }
  if (error instanceof TroubleError || (error as { $service?: unknown }).$service || typeof code === "string") {
    const cause = error instanceof TroubleError ? error.cause : error;
    stderr.write(
      `${error instanceof TroubleError ? `${error.reason}: ` : ""}${cause instanceof Error ? errorText(cause) : ""}\n`,
    );
    stderr.write("Check the table's name, AWS credentials and region, and AWS_ENDPOINT_URL_DYNAMODB.\n");
    return 1;
  }
  throw error;
}
