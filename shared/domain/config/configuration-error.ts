import type { Mistake } from "./mistakes.ts";
import { maskUrls } from "./printable.ts";

/**
 * Every mistake of a configuration at once. Thrown at the start, so that no request is decided by a wrong
 * configuration.
 */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly source: string;
  readonly mistakes: readonly Mistake[];
  /** @param source where it comes from, shown without what a URL in it hides */
  constructor(source: string, mistakes: readonly Mistake[]) {
    const lines = mistakes.map(
      ({ place, path, found, allowed }) => `  ${placeText(place)}${path}: found ${found}, allowed: ${allowed}`,
    );
    super(
      `${maskUrls(source)} has ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}:\n${lines.join("\n")}`,
    );
    this.source = source;
    this.mistakes = mistakes;
  }
}

/** As editors and terminals open it. */
export const placeText = (place: Mistake["place"]) =>
  place ? `${maskUrls(place.file)}:${place.line}:${place.column}: ` : "";
