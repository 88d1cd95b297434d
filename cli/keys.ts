import type { Command } from "commander";
import type { CommandIo, End } from "./command-io.ts";
import { addIdentify } from "./keys/commands/identify.ts";
import { addIssue } from "./keys/commands/issue.ts";
import { addList, addShow } from "./keys/commands/read.ts";
import { addRotate } from "./keys/commands/rotate.ts";
import { addStatusCommands } from "./keys/commands/status.ts";
import { addTransferCommands } from "./keys/commands/transfer.ts";
import { addUpdate } from "./keys/commands/update.ts";

/** Adds `sallyport keys` and its subcommands. */
export function addKeysCommand(program: Command, io: CommandIo, end: End): void {
  const keys = program.command("keys").description("issue API keys, and everything else in the life of one");
  addIssue(keys, io);
  addList(keys, io);
  addShow(keys, io);
  addUpdate(keys, io);
  addRotate(keys, io);
  addStatusCommands(keys, io, end);
  addIdentify(keys, io, end);
  addTransferCommands(keys, io, end);
}
