import { readCacheSettings } from "../../shared/domain/config/cache.ts";
import { ConfigurationError, placeText } from "../../shared/domain/config/configuration-error.ts";
import type { Mistake } from "../../shared/domain/config/mistakes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { certificateWarnings } from "./certificate-warnings.ts";
import { doubtfulValues } from "./doubtful-values.ts";
import { federationWarnings } from "./federation-warnings.ts";
import { loginWarnings } from "./login-warnings.ts";
import { metadataFileMistakes } from "./metadata-files.ts";
import { type OnlineFinding, onlineFindings } from "./online.ts";
import { overlapNotes } from "./overlap-notes.ts";
import { presetWarnings } from "./preset-warnings.ts";
import { protectedResourceWarnings } from "./protected-resource-warnings.ts";
import { templateFindings } from "./template-warnings.ts";
import { unmappedNames } from "./unmapped-names.ts";
import { warningsFor } from "./warnings.ts";

interface CheckOptions {
  /** A warning makes the exit code 1. */
  readonly strict?: boolean;
  readonly json?: boolean;
  /** Asks the remote parties as well. One that is of no use makes the exit code 1. */
  readonly online?: boolean;
  /** A SAM template whose routes are compared with the rules. */
  readonly template?: string;
}

/** Checks the configuration and prints its mistakes, warnings and notes. Returns the exit code. */
export async function checkConfig({ strict, json, template, online }: CheckOptions, io: CommandIo): Promise<number> {
  try {
    const config = await io.config();
    const now = Math.floor(Date.now() / 1000);
    const mistakes = await metadataFileMistakes(config, now);
    const locate = await io.locate();
    const placed = <T extends Finding | Mistake>(found: T) => ({ ...found, ...locate(optionOf(found.path)) });
    if (mistakes.length > 0) throw new ConfigurationError("the configuration", mistakes.map(placed));
    const found = findings(config, now);
    const routes = template === undefined ? { notes: [], warnings: [] } : await templateFindings(config, template);
    // A route is not in the configuration's file.
    const ofRules = routes.warnings.map((each) => (each.path.startsWith("routes[") ? placed(each) : each));
    const notes = [...found.notes.map(placed), ...routes.notes];
    const warnings = [...found.warnings.map(placed), ...ofRules];
    const parties = online ? (await onlineFindings(config)).map(placed) : [];
    io.stdout.write(
      json
        ? jsonLine({ valid: true, mistakes: [], warnings, notes, ...(online && { online: parties }) })
        : shown(notes, warnings, parties),
    );
    const isFailed = (strict && warnings.length > 0) || parties.some(({ isUsable }) => !isUsable);
    return isFailed ? EXIT.failed : EXIT.done;
  } catch (error) {
    if (!json || !(error instanceof ConfigurationError)) throw error;
    io.stdout.write(jsonLine({ valid: false, mistakes: error.mistakes, warnings: [], notes: [] }));
    return EXIT.failed;
  }
}

interface Finding extends Pick<Mistake, "place"> {
  readonly path: string;
  readonly message: string;
}

/** The option in a path that also names its rule: `routes[0] (orders)`. */
const optionOf = (path: string) => path.replace(/ .*$/s, "");

function findings(config: Config, now: number): { notes: readonly Finding[]; warnings: readonly Finding[] } {
  const overlaps = overlapNotes(config);
  const found = (isWarning: boolean) => overlaps.filter((overlap) => overlap.isWarning === isWarning).map(finding);
  const warnings = [
    ...warningsFor(config, readCacheSettings(config), now),
    ...certificateWarnings(config, now),
    ...doubtfulValues(config),
    ...presetWarnings(config),
    ...unmappedNames(config),
    ...protectedResourceWarnings(config),
    ...loginWarnings(config),
    ...federationWarnings(config),
    ...found(true),
  ];
  return { notes: found(false), warnings };
}

const finding = ({ path, message }: Finding): Finding => ({ path, message });

const jsonLine = (value: unknown) => `${JSON.stringify(value)}\n`;

function shown(
  notes: readonly Finding[],
  warnings: readonly Finding[],
  parties: readonly (Finding & OnlineFinding)[],
): string {
  const [count, plural] = [warnings.length, warnings.length === 1 ? "" : "s"];
  return [
    ...notes.map(({ place, path, message }) => `note: ${placeText(place)}${path}: ${message}\n`),
    ...warnings.map(({ place, path, message }) => `warning: ${placeText(place)}${path}: ${message}\n`),
    ...parties.map(
      ({ place, path, message, isUsable }) => `${isUsable ? "ok" : "failed"}: ${placeText(place)}${path}: ${message}\n`,
    ),
    `The configuration is valid${count > 0 ? `, with ${count} warning${plural}` : ""}${unusable(parties)}.\n`,
  ].join("");
}

function unusable(parties: readonly OnlineFinding[]): string {
  const count = parties.filter(({ isUsable }) => !isUsable).length;
  return count === 0 ? "" : `; ${count} of what it names cannot be used`;
}
