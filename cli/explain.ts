import { isIP } from "node:net";
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
      `the kind of API and payload format for --curl and --claims, by default rest-request: ${API_NAMES.join(", ")}`,
      oneOf("--api", API_NAMES),
    )
    .option(
      "--address <address>",
      "the caller's IP address for --curl and --claims; by default 203.0.113.7",
      readAddress,
    )
    .option("--stage <stage>", "the stage for --curl and --claims; by default prod", readStage)
    .option("--time <seconds>", "the time of the request, in seconds since the epoch; by default now", readTime)
    .option("--template <file>", "the template whose routes are shown; by default template.yaml if it exists")
    .option(
      "--cached-by <headers>",
      "SALLYPORT_CACHED_BY of the function: the headers in its cache key, or none; by default that variable, " +
        "then credentials.cachedBy of the configuration, then authorization",
    )
    .option("--cache-ttl <seconds>", "SALLYPORT_CACHE_TTL of the function", readSeconds)
    .option("--local", "trust the local issuers of `sallyport event`; those of a running stack have keys of their own")
    .option("--policy", "show the policy's JSON too")
    .option("--json", "print one JSON object")
    .action(async (file, options) => end(await (await import("./explain/run.ts")).runExplain(file, options, io)));
}

function readPath(text: string): string {
  if (!/^\/[^?#]*$/.test(text)) throw new UsageError("--path begins with a slash, and has no query.");
  return text;
}

function readAddress(text: string): string {
  if (isIP(text) === 0) throw new UsageError("--address takes one IP address, such as 192.0.2.9 or 2001:db8::9.");
  return text;
}

/** As API Gateway names stages (https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html). */
function readStage(text: string): string {
  if (!/^(\$default|[A-Za-z0-9_-]{1,128})$/.test(text)) {
    throw new UsageError("--stage takes the name of a stage: letters, digits, - and _, or $default.");
  }
  return text;
}

function readSeconds(text: string): string {
  if (!/^\d{1,4}$/.test(text) || Number(text) > 3600) throw new UsageError("--cache-ttl takes seconds, 0 to 3600.");
  return text;
}
