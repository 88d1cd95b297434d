import { ConfigurationError } from "../../shared/domain/config/configuration-error.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { openSource } from "../../shared/infrastructure/configuration/source.ts";
import { type ConfigChange, watchConfig } from "../../shared/infrastructure/configuration/watch.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { authorityOf, type CurrentAuthority } from "./authority.ts";

/** Mistakes of a refused configuration that one line of the log lists. */
const LISTED = 10;

/** The authority of a configuration in SSM or AppConfig. @param maxAge seconds after which it is read again */
export async function watchAuthority(location: string, maxAge: number): Promise<CurrentAuthority> {
  const { parseWritten } = await import("../../shared/infrastructure/configuration/parser.ts");
  const build = async (text: string) => authorityOf(await parseWritten(text, location, process.env));
  return watchConfig(await openSource(location), build, maxAge, recordChange);
}

/** Logs and counts what became of a configuration that was read again. No mistake shows a secret. */
function recordChange(change: ConfigChange, error?: unknown): void {
  const mistakes = error instanceof ConfigurationError ? error.mistakes.slice(0, LISTED) : undefined;
  const fields = {
    configuration: change,
    ...(mistakes && {
      mistakes: mistakes.map(({ path, found, allowed }) => `${path}: found ${found}, allowed: ${allowed}`),
    }),
    ...(error !== undefined && !mistakes && { cause: causeOf(error) }),
  };
  if (change === "changed") logger.info("configuration", fields);
  else logger.error("configuration", fields);
  // A line of its own: the outcome of the request is no dimension of it.
  const metric = metrics.singleMetric();
  if (change === "changed") metric.addMetric("ConfigurationChanged", "Count", 1);
  else if (change === "refused") metric.addMetric("ConfigurationRefused", "Count", 1);
  else metric.addMetric("ConfigurationUnreadable", "Count", 1);
}
