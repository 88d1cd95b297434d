import type { Mistake } from "./mistakes.ts";
import type { Config } from "./schema.ts";

/**
 * Time zones of a checked configuration that Node does not know. The first question to it loads what it knows of the
 * world's clocks.
 */
export function unknownTimeZones({ routes }: Config): Mistake[] {
  return routes.flatMap(({ windows = [] }, rule) =>
    windows.flatMap((window, index) =>
      "timeZone" in window && !isTimeZone(window.timeZone)
        ? [
            {
              path: `routes[${rule}].windows[${index}].timeZone`,
              found: JSON.stringify(window.timeZone),
              allowed: "an IANA time zone such as Europe/Berlin",
            },
          ]
        : [],
    ),
  );
}

function isTimeZone(name: string): boolean {
  if (name === "UTC") return true;
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}
