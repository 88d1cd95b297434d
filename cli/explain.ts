import type { Command } from "commander";
import { APIS, type ApiName } from "../local/events/apis.ts";
import type { CommandIo, End } from "./command-io.ts";
import { readTime } from "./read-time.ts";
import { oneOf } from "./usage-error.ts";

const API_NAMES = Object.keys(APIS) as ApiName[];

/** Adds `sallyport explain`. */
export function addExplainCommand(program: Command, io: CommandIo, end: End): void {
  program
    .command("explain")
    .summary("show how a request is decided, and why")
    .description(
      "Runs an API Gateway event through the authorizer and shows the result of each step: the credentials found, " +
        "each provider's verdict, the caller, the rules that apply, the policy, and its effect on every route of the template. " +
        "No credential is shown.",
    )
    .argument("[file]", "a file with an authorizer's event as JSON; - is standard input")
    .option("--curl <command>", "a request as a curl command, in place of an event")
    .option(
      "--api <api>",
      `the kind of API and payload format for --curl: ${API_NAMES.join(", ")}`,
      oneOf("--api", API_NAMES),
      "rest-request",
    )
    .option("--address <address>", "the caller's IP address for --curl", "203.0.113.7")
    .option("--stage <stage>", "the stage for --curl", "prod")
    .option("--time <seconds>", "the time of the request, in seconds since the epoch; by default now", readTime)
    .option("--template <file>", "the template whose routes are shown; by default template.yaml if it exists")
    .option(
      "--cached-by <headers>",
      "SALLYPORT_CACHED_BY of the function: the headers in its cache key, or none; by default that variable, " +
        "then credentials.cachedBy of the configuration, then authorization",
    )
    .option("--cache-ttl <seconds>", "SALLYPORT_CACHE_TTL of the function")
    .option("--local", "trust the local issuers, which `sallyport event` uses")
    .option("--json", "print one JSON object")
    .action(async (file, options) => end(await (await import("./explain/run.ts")).runExplain(file, options, io)));
}
