import type { Command } from "commander";
import { APIS, type ApiName } from "../local/events/apis.ts";
import type { CommandIo, End } from "./command-io.ts";
import { readTime } from "./read-time.ts";
import { oneOf } from "./usage-error.ts";

const API_NAMES = Object.keys(APIS) as ApiName[];

export function addExplainCommand(program: Command, io: CommandIo, end: End): void {
  program
    .command("explain")
    .summary("tell what becomes of a request, and why")
    .description(
      "Runs an event of API Gateway through the authorizer and tells what came of each step: the credentials that were found, " +
        "each provider's verdict, the caller, the rules that apply, the policy, and what it says of every route of the template. " +
        "No credential is shown.",
    )
    .argument("[file]", "an authorizer's event as JSON, in a file or, with -, on standard input")
    .option("--curl <command>", "a request as a curl command instead")
    .option(
      "--api <api>",
      `through which door the curl command comes: ${API_NAMES.join(", ")}`,
      oneOf("--api", API_NAMES),
      "rest-request",
    )
    .option("--address <address>", "where the curl command comes from", "203.0.113.7")
    .option("--stage <stage>", "the stage that the curl command asks", "prod")
    .option("--time <seconds>", "the clock, in seconds since the epoch; by default now", readTime)
    .option("--template <file>", "whose routes are shown; by default template.yaml, where there is one")
    .option(
      "--cached-by <headers>",
      "as SALLYPORT_CACHED_BY of the function: headers that its cache looks at, or none; by default that variable, " +
        "then the configuration's credentials.cachedBy, then authorization",
    )
    .option("--cache-ttl <seconds>", "as SALLYPORT_CACHE_TTL of the function")
    .option("--local", "trust the local issuers, whose credentials `sallyport event` makes")
    .option("--json", "one object for programs")
    .action(async (file, options) => end(await (await import("./explain/run.ts")).runExplain(file, options, io)));
}
