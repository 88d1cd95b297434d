import type { Command } from "commander";
import { SAML_PRESETS, type SamlPreset } from "../shared/domain/config/saml-presets.ts";
import type { CommandIo, End } from "./command-io.ts";
import { oneOf } from "./usage-error.ts";

const PRESETS = Object.keys(SAML_PRESETS) as SamlPreset[];

export function addSamlCommand(program: Command, io: CommandIo, end: End): void {
  const saml = program
    .command("saml")
    .description("exchange metadata with an identity provider, and look into its assertions");
  addMetadata(saml, io);
  addImport(saml, io);
  addEncode(saml, io, end);
  addShow(saml, io);
}

function addMetadata(saml: Command, io: CommandIo): void {
  saml
    .command("metadata")
    .description("print our own metadata as XML, for the identity provider's administrator")
    .option("--audience <entity-id>", "which of the configuration's audiences; by default the first")
    .action(async (options) => (await import("./saml/metadata.ts")).printMetadata(options, io));
}

function addImport(saml: Command, io: CommandIo): void {
  saml
    .command("import")
    .summary("read an identity provider's metadata and print an entry for the configuration")
    .description(
      "Reads the identity provider's metadata and prints an entry for saml.identityProviders; what it found is told on standard error.",
    )
    .argument("<place>", "a file or a URL")
    .option("--entity <id>", "the one entity to take out of an aggregate")
    .option("--signed-by <file>", "a certificate (PEM) that must have signed the document")
    .option(
      "--preset <name>",
      `${PRESETS.join(", ")}; by default guessed from the entity id`,
      oneOf("--preset", PRESETS),
    )
    .option("--follow", "an entry that follows the URL, in place of the certificates of today")
    .action(async (place, options) => (await import("./saml/import.ts")).importMetadata(place, options, io));
}

function addEncode(saml: Command, io: CommandIo, end: End): void {
  saml
    .command("encode")
    .summary("make the shortest credential of a message")
    .description("Makes the shortest credential of a SAMLResponse or an XML file, for Authorization: SAML …")
    .argument("[file]", "by default standard input")
    .option("--assertion", "of the signed assertion in a Response alone")
    .action(async (file, options) => end(await (await import("./saml/encode.ts")).encodeMessage(file, options, io)));
}

function addShow(saml: Command, io: CommandIo): void {
  saml
    .command("show")
    .summary("tell what a credential says")
    .description("Tells what a credential says. Nothing is verified, and everything is shown: mind where you run it.")
    .argument("[file]", "by default standard input")
    .action(async (file) => (await import("./saml/show.ts")).showMessage(file, io));
}
