/** The commands that Sallyport takes from its bus for commands, for those who send them. */
export type { CommandDetail, CommandName } from "../shared/domain/commands/command.ts";
