import type { Command } from "commander";
import { isSecureUrl } from "../shared/domain/config/common.ts";
import type { CommandIo, End } from "./command-io.ts";
import { readScope } from "./keys/option-values.ts";
import { addStackOptions } from "./stack/options.ts";
import { UsageError } from "./usage-error.ts";

/** Adds `sallyport smoke`. */
export function addSmokeCommand(program: Command, io: CommandIo, end: End): void {
  const command = program
    .command("smoke")
    .summary("send one request of each kind to a deployed stack, and say what came")
    .description(
      "Sends a GET request of each kind to the example APIs of a deployed stack: without a credential, with an unknown " +
        "API key, with an API key that it issues for ten minutes and revokes afterwards, and with a token if one is " +
        "given. Exits with 1 if an answer is not the expected one.",
    );
  addStackOptions(command)
    .option("--url <url>", "a route to ask in place of the stack's own; may be repeated", repeatedUrl)
    .option("--token <token>", "a credential to send too: a JWT, or a scheme and its credential", readToken)
    .option("--scope <scope>", "a scope of the issued key, if the route needs it; may be repeated", repeatedScope)
    .action(async (options) => end(await (await import("./smoke/run.ts")).smoke(options, io)));
}

const repeatedScope = (text: string, before: readonly string[] = []) => [...before, readScope(text)];

/** What no header can hold is repeated by the error of `fetch`. */
function readToken(text: string): string {
  const token = text.trim();
  if (/^[\x20-\x7e]+$/.test(token)) return token;
  throw new UsageError("--token takes one credential in one line of ASCII.");
}

/** Credentials are sent there. */
function repeatedUrl(text: string, before: readonly string[] = []): string[] {
  if (isSecureUrl(text)) return [...before, text];
  throw new UsageError("--url takes an https URL without credentials (http only on a loopback address).");
}
