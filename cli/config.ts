import { readCacheSettings } from "../shared/domain/config/cache.ts";
import { ConfigurationError } from "../shared/domain/config/parse.ts";
import type { Command } from "./command.ts";
import { certificateWarnings } from "./config/certificate-warnings.ts";
import { overlapNotes } from "./config/overlap-notes.ts";
import { warningsFor } from "./config/warnings.ts";

const USAGE = `Usage: sallyport config check [--strict]

Checks the configuration and lists every mistake, then warns of what is legal and unwise. SALLYPORT_CACHED_BY and SALLYPORT_CACHE_TTL are read as the function reads them.

  --strict   end with 1 if there is a warning
`;

export const run: Command = async ([action, ...options], { stdout, stderr, config }) => {
  const unknown = options.filter((option) => option !== "--strict" && option !== "--help");
  if (action === "--help" || options.includes("--help")) {
    stdout.write(USAGE);
    return 0;
  }
  if (action !== "check" || unknown.length > 0) {
    stderr.write(USAGE);
    return 2;
  }
  try {
    const checked = await config();
    const now = Math.floor(Date.now() / 1000);
    const overlaps = overlapNotes(checked);
    const warnings = [
      ...warningsFor(checked, readCacheSettings(checked), now),
      ...certificateWarnings(checked, now),
      ...overlaps.filter(({ isWarning }) => isWarning),
    ];
    for (const { path, message, isWarning } of overlaps) if (!isWarning) stdout.write(`note: ${path}: ${message}\n`);
    for (const { path, message } of warnings) stdout.write(`warning: ${path}: ${message}\n`);
    const [count, plural] = [warnings.length, warnings.length === 1 ? "" : "s"];
    stdout.write(`The configuration is valid${count > 0 ? `, with ${count} warning${plural}` : ""}.\n`);
    return warnings.length > 0 && options.includes("--strict") ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    stderr.write(`${error.message}\n`);
    return 1;
  }
};
