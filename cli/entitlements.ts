import type { Command } from "commander";
import { parseInstant } from "../shared/domain/time/instant.ts";
import type { CommandIo, End } from "./command-io.ts";
import type { ChangeRecordOptions, ListOptions, RevokeOptions, SetOptions } from "./entitlements/run.ts";
import type { ExportOptions } from "./entitlements/transfer/export.ts";
import type { ImportOptions } from "./entitlements/transfer/import.ts";
import {
  addChangeOptions,
  addConsentOption,
  addPlaceOptions,
  atPlace,
  type KeysPlace,
  repeated,
} from "./keys/commands/place.ts";
import { nameOf, scopeOf, wholeNumberOf, wrongValue } from "./keys/option-values.ts";

/** Adds `sallyport entitlements` and its subcommands. */
export function addEntitlementsCommand(program: Command, io: CommandIo, end: End): void {
  const entitlements = program
    .command("entitlements")
    .description("roles, scopes and tenants of callers in a table, and who is locked out");
  addSet(entitlements, io);
  addShow(entitlements, io);
  addList(entitlements, io);
  for (const action of ["disable", "enable"] as const) addLockout(action, entitlements, io);
  addRevoke(entitlements, io);
  addRemove(entitlements, io);
  addExport(entitlements, io, end);
  addImport(entitlements, io, end);
}

const load = () => import("./entitlements/run.ts");

const withIssuer = (command: Command) =>
  command.option(
    "--issuer <issuer>",
    "the issuer of the subject's credentials: iss, an entity ID, or api-keys:ENVIRONMENT; by default the only one of the configuration",
  );
const withSubject = (command: Command) =>
  command.option("--subject <subject>", "the subject, as `explain` and backends show it");
const withTenant = (command: Command) => command.option("--tenant <tenant>", "the tenant, of whichever issuer");
const withToken = (command: Command) => command.option("--jti <id>", "the token's id: jti, or the assertion's ID");

const ofChange = (command: Command) =>
  addPlaceOptions(addConsentOption(addChangeOptions(command)))
    .option(
      "--if-version <number>",
      "change the record only if this is its version; 0: only if there is none",
      wholeNumberOf("--if-version", { min: 0, max: Number.MAX_SAFE_INTEGER }),
    )
    .option("--dry-run", "say what would be done, and change nothing")
    .option("--json", "print one JSON object with the record");

function addSet(entitlements: Command, io: CommandIo): void {
  const command = entitlements
    .command("set")
    .summary("set roles, scopes or the tenant of a subject")
    .description("Sets roles, scopes or the tenant of a subject. What no option names stays as it is.")
    .addOption(repeated("--role <role>", "all roles of the record; may be repeated", nameOf("--role")))
    .option("--no-role", "the record has no roles any more")
    .addOption(repeated("--scope <scope>", "all scopes of the record; may be repeated", scopeOf("--scope")))
    .option("--no-scope", "the record has no scopes any more")
    .option("--tenant <tenant>", "the tenant of a caller whose credential states none", nameOf("--tenant"))
    .option("--no-tenant", "the record has no tenant any more");
  ofChange(withSubject(withIssuer(command))).action(async (given: SetOptions & KeysPlace) => {
    const { options, io: own } = await atPlace(given, io);
    await (await load()).setRights(options, own);
  });
}

function addShow(entitlements: Command, io: CommandIo): void {
  const command = entitlements.command("show").description("show a record, and who changed it last");
  addPlaceOptions(withToken(withTenant(withSubject(withIssuer(command)))))
    .option("--json", "print one JSON object with the record")
    .action(async (given: ChangeRecordOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await load()).show(options, own);
    });
}

function addList(entitlements: Command, io: CommandIo): void {
  const command = entitlements
    .command("list")
    .description("list the subjects or revoked tokens of an issuer, the records with a tenant, or all")
    .option("--issuer <issuer>", "the subjects of this issuer, the newest first")
    .option("--tokens", "with --issuer: its revoked tokens")
    .option(
      "--tenant <tenant>",
      "the record of this tenant, and the subjects whose records have it",
      nameOf("--tenant"),
    )
    .option("--all", "all records, in no order: the whole table is read, and paid for, in the end")
    .option(
      "--limit <number>",
      "records of a page, 1 to 1000; by default 100",
      wholeNumberOf("--limit", { min: 1, max: 1000 }),
      100,
    )
    .option("--cursor <text>", "where the page before ended, as that page says");
  addPlaceOptions(command)
    .option("--json", "print one JSON object: `entitlements`, a list of records, and `cursor` if there may be more")
    .action(async (given: ListOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await load()).list(options, own);
    });
}

function addLockout(action: "disable" | "enable", entitlements: Command, io: CommandIo): void {
  const text =
    action === "disable" ? "lock a subject or a tenant out, now" : "end the lockout of a subject or a tenant";
  const command = entitlements.command(action).description(text);
  ofChange(withTenant(withSubject(withIssuer(command)))).action(async (given: ChangeRecordOptions & KeysPlace) => {
    const { options, io: own } = await atPlace(given, io);
    await (await load()).setLockout(action, options, own);
  });
}

function addRevoke(entitlements: Command, io: CommandIo): void {
  const command = entitlements
    .command("revoke")
    .summary("refuse what was issued before now, or one token")
    .description(
      "Refuses all that was issued to a subject, or for a tenant, before now or another instant; or one token, by its id. " +
        "Who logs in again is let in again: `disable` locks out.",
    )
    .option("--before <instant>", "another instant, such as 2026-11-20T10:00:00Z", instantOf("--before"))
    .option(
      "--expires-at <instant>",
      "with --jti: when the token has ended at the latest, after which the record is deleted; by default it stays",
      instantOf("--expires-at"),
    );
  ofChange(withToken(withTenant(withSubject(withIssuer(command))))).action(async (given: RevokeOptions & KeysPlace) => {
    const { options, io: own } = await atPlace(given, io);
    await (await load()).revoke(options, own);
  });
}

function addRemove(entitlements: Command, io: CommandIo): void {
  const command = entitlements
    .command("remove")
    .summary("delete a record, and what it locks out")
    .description("Deletes a record: what it gave, and what it locked out, counts no more.")
    .option("--damaged", "delete a record that is damaged, whatever is in it");
  ofChange(withToken(withTenant(withSubject(withIssuer(command))))).action(
    async (given: ChangeRecordOptions & KeysPlace & { readonly damaged?: boolean }) => {
      const { options, io: own } = await atPlace(given, io);
      await (await load()).remove(options, own);
    },
  );
}

function addExport(entitlements: Command, io: CommandIo, end: End): void {
  const command = entitlements
    .command("export")
    .summary("write all records as JSON lines")
    .description("Writes all records as JSON lines, so that another table can take them. It reads the whole table.")
    .option(
      "--file <file>",
      "write this file, and go on where an interrupted export stopped; by default standard output",
    )
    .option("--restart", "begin anew in place of going on");
  addPlaceOptions(command).action(async (given: ExportOptions & KeysPlace) => {
    const { options, io: own } = await atPlace(given, io);
    end(await (await import("./entitlements/transfer/export.ts")).exportRecords(options, own));
  });
}

function addImport(entitlements: Command, io: CommandIo, end: End): void {
  const command = entitlements
    .command("import")
    .summary("take the records of an export")
    .description(
      "Takes the records of an export into the table. What is there already counts as done, so that it goes on where it " +
        "stopped; what is there and differs is named and left as it is, and so are damaged lines.",
    )
    .argument("<file>", "a file of `entitlements export`; - is standard input")
    .option("--dry-run", "read and compare everything, and change nothing");
  addPlaceOptions(command)
    .option("--json", "print one JSON object with what was added, was there, has ended, differs and is damaged")
    .action(async (file: string, given: ImportOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      end(await (await import("./entitlements/transfer/import.ts")).importRecords(file, options, own));
    });
}

const instantOf = (option: string) => (text: string) => {
  const seconds = parseInstant(text);
  if (seconds === undefined) throw wrongValue(option, text, "an instant with an offset, such as 2026-11-20T10:00:00Z");
  return seconds;
};
