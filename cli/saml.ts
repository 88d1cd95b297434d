import type { Command } from "commander";
import { SAML_PRESETS, type SamlPreset } from "../shared/domain/config/saml-presets.ts";
import type { CommandIo, End } from "./command-io.ts";
import { oneOf } from "./usage-error.ts";

const PRESETS = Object.keys(SAML_PRESETS) as SamlPreset[];

/** Adds `sallyport saml` and its subcommands. */
export function addSamlCommand(program: Command, io: CommandIo, end: End): void {
  const saml = program
    .command("saml")
    .description("exchange metadata with an identity provider, and inspect its assertions");
  addMetadata(saml, io);
  addImport(saml, io);
  addEncode(saml, io, end);
  addShow(saml, io);
}

function addMetadata(saml: Command, io: CommandIo): void {
  saml
    .command("metadata")
    .description("print this API's own SAML metadata, for the administrator of the identity provider")
    .option("--audience <entity-id>", "one of the configured audiences; by default the first")
    .action(async (options) => (await import("./saml/metadata.ts")).printMetadata(options, io));
}

function addImport(saml: Command, io: CommandIo): void {
  saml
    .command("import")
    .summary("read an identity provider's metadata and print an entry for the configuration")
    .description(
      "Reads an identity provider's metadata and prints an entry for saml.identityProviders. A summary goes to standard error.",
    )
    .argument("<place>", "a file or a URL")
    .option("--entity <id>", "the entity to take from a document with several")
    .option("--signed-by <file>", "a certificate (PEM) that must have signed the document")
    .option(
      "--preset <name>",
      `${PRESETS.join(", ")}; by default guessed from the entity id`,
      oneOf("--preset", PRESETS),
    )
    .option("--follow", "print an entry that reads the metadata URL at run time, in place of the current certificates")
    .action(async (place, options) => (await import("./saml/import.ts")).importMetadata(place, options, io));
}

function addEncode(saml: Command, io: CommandIo, end: End): void {
  saml
    .command("encode")
    .summary("turn a message into the shortest credential")
    .description("Turns a SAMLResponse or an XML file into the shortest credential, for Authorization: SAML …")
    .argument("[file]", "by default standard input")
    .option("--assertion", "use the signed assertion of a Response, without the Response")
    .action(async (file, options) => end(await (await import("./saml/encode.ts")).encodeMessage(file, options, io)));
}

function addShow(saml: Command, io: CommandIo): void {
  saml
    .command("show")
    .summary("show the content of a credential")
    .description("Shows the content of a credential. Nothing is verified. The output contains personal data.")
    .argument("[file]", "by default standard input")
    .action(async (file) => (await import("./saml/show.ts")).showMessage(file, io));
}
