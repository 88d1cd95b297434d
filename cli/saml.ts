import { parseArgs } from "node:util";
import { MetadataError } from "../providers/saml/metadata.ts";
import { SAML_PRESETS } from "../shared/domain/config/saml-presets.ts";
import { Refusal } from "../shared/domain/reasons/errors.ts";
import type { Command, CommandIo } from "./command.ts";
import { errorText, isArgumentError } from "./error-text.ts";

const USAGE = `Usage: sallyport saml metadata [--audience ENTITY-ID]
       sallyport saml import FILE|URL [--entity ID] [--signed-by FILE] [--preset NAME] [--follow]
       sallyport saml encode [FILE] [--assertion]
       sallyport saml show [FILE]

metadata prints our own metadata as XML, for the identity provider's administrator.

import reads the identity provider's metadata and prints an entry for saml.identityProviders; what it found is told on standard error.
  --entity ID        the one entity to take out of an aggregate
  --signed-by FILE   a certificate (PEM) that must have signed the document
  --preset NAME      ${Object.keys(SAML_PRESETS).join(", ")}; by default guessed from the entity id
  --follow           an entry that follows the URL, in place of the certificates of today

encode makes the shortest credential of a SAMLResponse or an XML file (or of standard input), for Authorization: SAML …
  --assertion        of the signed assertion in a Response alone

show tells what a credential says. Nothing is verified, and everything is shown: mind where you run it.
`;

/** What is wrong with how the command was called. */
export class UsageError extends Error {}

/** The options of all actions. */
export interface SamlOptions {
  readonly audience?: string | undefined;
  readonly entity?: string | undefined;
  readonly "signed-by"?: string | undefined;
  readonly preset?: string | undefined;
  readonly follow?: boolean | undefined;
  readonly assertion?: boolean | undefined;
}

/** One thing that the command does, with the file or URL that it was given. Resolves with the exit code. */
export type SamlAction = (place: string | undefined, options: SamlOptions, io: CommandIo) => Promise<number>;

/** The actions, with the options that each of them takes. */
const ACTIONS: Readonly<Record<string, { options: readonly string[]; load: () => Promise<{ run: SamlAction }> }>> = {
  metadata: { options: ["audience"], load: () => import("./saml/metadata.ts") },
  import: { options: ["entity", "signed-by", "preset", "follow"], load: () => import("./saml/import.ts") },
  encode: { options: ["assertion"], load: () => import("./saml/encode.ts") },
  show: { options: [], load: () => import("./saml/show.ts") },
};

export const run: Command = async (argv, io) => {
  if (argv.includes("--help") || argv.includes("-h")) {
    io.stdout.write(USAGE);
    return 0;
  }
  try {
    const { values, positionals } = readArguments(argv);
    const [name = "", place, ...rest] = positionals;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action || rest.length > 0) throw new UsageError(USAGE);
    const foreign = Object.keys(values).find((option) => !action.options.includes(option));
    if (foreign) throw new UsageError(`${name} takes no --${foreign}.`);
    return await (await action.load()).run(place, values, io);
  } catch (error) {
    return report(error, io);
  }
};

function readArguments(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      audience: { type: "string" },
      entity: { type: "string" },
      "signed-by": { type: "string" },
      preset: { type: "string" },
      follow: { type: "boolean" },
      assertion: { type: "boolean" },
    },
  });
}

function report(error: unknown, { stderr }: CommandIo): number {
  const { code } = error as { code?: unknown };
  if (error instanceof UsageError || isArgumentError(error)) {
    stderr.write(`${errorText(error).trimEnd()}\n`);
    return 2;
  }
  if (error instanceof MetadataError) stderr.write(`These metadata cannot be used: ${errorText(error)}.\n`);
  else if (error instanceof Refusal)
    stderr.write(`This would be refused: ${error.reason}. docs/reasons.md tells more.\n`);
  else if (typeof code === "string") stderr.write(`${errorText(error)}\n`);
  else throw error;
  return 1;
}
