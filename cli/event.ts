import { Argument, type Command } from "commander";
import { APIS, type ApiName } from "../local/events/apis.ts";
import { SCENARIOS } from "../local/stage/scenarios.ts";
import type { CommandIo } from "./command-io.ts";
import { readTime } from "./read-time.ts";
import { oneOf } from "./usage-error.ts";

const KINDS = SCENARIOS.map(({ kind }) => kind);

/** Columns of the longest kind, and a space. */
const WIDTH = Math.max(...KINDS.map(({ length }) => length)) + 1;

const LISTS = `
Kinds:
${SCENARIOS.map(({ kind, title }) => `  ${kind.padEnd(WIDTH)} ${title}`).join("\n")}

APIs:
${Object.entries(APIS)
  .map(([name, { title }]) => `  ${name.padEnd(WIDTH)} ${title}`)
  .join("\n")}
`;

/** Adds `sallyport event`. */
export function addEventCommand(program: Command, io: CommandIo): void {
  program
    .command("event")
    .summary("print an event with a fresh credential, as API Gateway sends it")
    .description(
      "Prints an event as API Gateway sends it, with a fresh credential of the local issuers. Their keys are in .sallyport/. " +
        "API keys are written to the table at AWS_ENDPOINT_URL_DYNAMODB. " +
        "An event with X-Api-Key, a DPoP proof or a one-time assertion needs a function without a cache " +
        "(SALLYPORT_CACHED_BY=none; for `explain`, --cached-by none).",
    )
    .addArgument(new Argument("<kind>", "the request and its credential").argParser(kindOf))
    .option(
      "--api <api>",
      "the kind of API and payload format; by default the one of the kind",
      oneOf("--api", apiNames()),
    )
    .option("--method <method>", "the HTTP method; by default the one of the kind")
    .option("--path <path>", "the path; by default the one of the kind")
    .option("--address <address>", "the caller's IP address; by default 203.0.113.7")
    .option("--stage <stage>", "the stage; by default prod")
    .option("--time <seconds>", "the issuers' clock, in seconds since the epoch; by default now", readTime)
    .addHelpText("after", LISTS)
    .action(async (kind, options) => (await import("./event/print.ts")).printEvent(kind, options, io));
}

const kindOf = (text: string) => oneOf("<kind>", KINDS)(text);

const apiNames = () => Object.keys(APIS) as ApiName[];
