import { readCacheSettings } from "../../shared/domain/config/cache.ts";
import { ConfigurationError } from "../../shared/domain/config/configuration-error.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { certificateWarnings } from "./certificate-warnings.ts";
import { doubtfulValues } from "./doubtful-values.ts";
import { metadataFileMistakes } from "./metadata-files.ts";
import { overlapNotes } from "./overlap-notes.ts";
import { unmappedNames } from "./unmapped-names.ts";
import { warningsFor } from "./warnings.ts";

interface CheckOptions {
  /** A warning makes the exit code 1. */
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Checks the configuration and prints its mistakes, warnings and notes. Returns the exit code. */
export async function checkConfig({ strict, json }: CheckOptions, io: CommandIo): Promise<number> {
  try {
    const config = await io.config();
    const now = Math.floor(Date.now() / 1000);
    const mistakes = await metadataFileMistakes(config, now);
    if (mistakes.length > 0) throw new ConfigurationError("the configuration", mistakes);
    const { notes, warnings } = findings(config, now);
    io.stdout.write(json ? jsonLine({ valid: true, mistakes: [], warnings, notes }) : shown(notes, warnings));
    return strict && warnings.length > 0 ? EXIT.failed : EXIT.done;
  } catch (error) {
    if (!json || !(error instanceof ConfigurationError)) throw error;
    io.stdout.write(jsonLine({ valid: false, mistakes: error.mistakes, warnings: [], notes: [] }));
    return EXIT.failed;
  }
}

interface Finding {
  readonly path: string;
  readonly message: string;
}

function findings(config: Config, now: number): { notes: readonly Finding[]; warnings: readonly Finding[] } {
  const overlaps = overlapNotes(config);
  const found = (isWarning: boolean) => overlaps.filter((overlap) => overlap.isWarning === isWarning).map(finding);
  const warnings = [
    ...warningsFor(config, readCacheSettings(config), now),
    ...certificateWarnings(config, now),
    ...doubtfulValues(config),
    ...unmappedNames(config),
    ...found(true),
  ];
  return { notes: found(false), warnings };
}

const finding = ({ path, message }: Finding): Finding => ({ path, message });

const jsonLine = (value: unknown) => `${JSON.stringify(value)}\n`;

function shown(notes: readonly Finding[], warnings: readonly Finding[]): string {
  const [count, plural] = [warnings.length, warnings.length === 1 ? "" : "s"];
  return [
    ...notes.map(({ path, message }) => `note: ${path}: ${message}\n`),
    ...warnings.map(({ path, message }) => `warning: ${path}: ${message}\n`),
    `The configuration is valid${count > 0 ? `, with ${count} warning${plural}` : ""}.\n`,
  ].join("");
}
