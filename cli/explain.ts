import type { Command } from "commander";
import { APIS, type ApiName } from "../local/events/apis.ts";
import { METHODS } from "../shared/domain/config/routes.ts";
import type { CommandIo, End } from "./command-io.ts";
import { readTime } from "./read-time.ts";
import { oneOf, UsageError } from "./usage-error.ts";

const API_NAMES = Object.keys(APIS) as ApiName[];

/** Adds `sallyport explain`. */
export function addExplainCommand(program: Command, io: CommandIo, end: End): void {
  program
    .command("explain")
    .summary("show how a request is decided, and why")
    .description(
      "Runs an API Gateway event through the authorizer and shows the result of each step: the credentials found, " +
        "each provider's verdict with what was expected and what was found, the caller, why each rule applies or not, " +
        "and the policy's effect on every route of the template. With --claims, the claims of a token or the attributes " +
        "of an assertion stand in place of a credential. No credential is shown.",
    )
    .argument("[file]", "a file with an authorizer's event as JSON; - is standard input")
    .option("--curl <command>", "a request as a curl command, in place of an event")
    .option("--claims <file>", "a file with a JWT's claims, or a SAML assertion's attributes, in place of a credential")
    .option("--issuer <issuer>", "the configured issuer of the --claims; by default their iss")
    .option("--method <method>", "the HTTP method for --claims; by default GET", oneOf("--method", METHODS))
    .option("--path <path>", "the path for --claims, without the stage; by default /", readPath)
    .option(
      "--api <api>",
      `the kind of API and payload format for --curl and --claims: ${API_NAMES.join(", ")}`,
      oneOf("--api", API_NAMES),
      "rest-request",
    )
    .option("--address <address>", "the caller's IP address for --curl and --claims", "203.0.113.7")
    .option("--stage <stage>", "the stage for --curl and --claims", "prod")
    .option("--time <seconds>", "the time of the request, in seconds since the epoch; by default now", readTime)
    .option("--template <file>", "the template whose routes are shown; by default template.yaml if it exists")
    .option(
      "--cached-by <headers>",
      "SALLYPORT_CACHED_BY of the function: the headers in its cache key, or none; by default that variable, " +
        "then credentials.cachedBy of the configuration, then authorization",
    )
    .option("--cache-ttl <seconds>", "SALLYPORT_CACHE_TTL of the function")
    .option("--local", "trust the local issuers of `sallyport event`; those of a running stack have keys of their own")
    .option("--policy", "show the policy's JSON too")
    .option("--json", "print one JSON object")
    .action(async (file, options) => end(await (await import("./explain/run.ts")).runExplain(file, options, io)));
}

function readPath(text: string): string {
  if (!/^\/[^?#]*$/.test(text)) throw new UsageError("--path begins with a slash, and has no query.");
  return text;
}
