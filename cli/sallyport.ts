import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import type { CommandIo, End } from "./command-io.ts";
import { addConfigCommand } from "./config.ts";
import { addDpopCommand } from "./dpop.ts";
import { addEntitlementsCommand } from "./entitlements.ts";
import { addEventCommand } from "./event.ts";
import { EXIT } from "./exit-code.ts";
import { addExplainCommand } from "./explain.ts";
import { addKeysCommand } from "./keys.ts";
import { report } from "./report.ts";
import { addSamlCommand } from "./saml.ts";
import { addSmokeCommand } from "./smoke.ts";
import { addUsageCommand } from "./usage.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Runs the command line. All output goes to `io`. It never ends the process.
 *
 * @param argv the arguments after `sallyport`
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 70 a defect
 */
export async function sallyport(argv: readonly string[], io: CommandIo): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = createProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error, commandOf(program, argv), io);
  }
}

function createProgram(io: CommandIo, end: End): Command {
  const program = new Command("sallyport")
    .description("The command line of Sallyport, an AWS Lambda authorizer for API Gateway.")
    .version(manifest.version)
    .addHelpText("after", CONFIGURATION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // `report` prints errors.
      outputError: () => {},
    });
  addConfigCommand(program, io, end);
  addDpopCommand(program, io);
  addEntitlementsCommand(program, io, end);
  addEventCommand(program, io);
  addExplainCommand(program, io, end);
  addKeysCommand(program, io, end);
  addSamlCommand(program, io, end);
  addSmokeCommand(program, io, end);
  addUsageCommand(program, io, end);
  answerVersion(program);
  refuseContradictions(program);
  return program;
}

/** Lets every subcommand answer `--version` as the program does. */
function answerVersion({ commands }: Command): void {
  for (const command of commands) {
    command.version(manifest.version, "--version");
    answerVersion(command);
  }
}

/** Lets no command take a value and its absence together, of which the last one would count. */
function refuseContradictions(command: Command): void {
  for (const { long, negate } of command.options) {
    if (!negate || !long) continue;
    const given = new Set<string>();
    const name = long.replace("--no-", "");
    for (const each of [name, `no-${name}`]) {
      command.on(`option:${each}`, () => {
        if (given.add(each).size > 1) throw new UsageError(`--${name} and ${long} contradict each other: give one.`);
      });
    }
  }
  for (const each of command.commands) refuseContradictions(each);
}

const CONFIGURATION = `
The configuration is sallyport.config.ts, .mts, .js, .mjs or .json in the working directory.
SALLYPORT_CONFIG names another one, in JSON: file:PATH, ssm:NAME or appconfig:APP/ENV/PROFILE.
`;

/** The innermost command that the arguments name. */
function commandOf(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const name of argv) {
    const next = command.commands.find((each) => each.name() === name);
    if (!next) break;
    command = next;
  }
  return command;
}
