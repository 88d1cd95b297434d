import { ruleOverlaps } from "../../shared/domain/config/rule-overlap.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { spellingsBelow } from "../../shared/domain/policy/spellings.ts";
import { resourceOnStage } from "../../shared/domain/resource/arn.ts";
import { LARGEST_RESOURCE } from "./estimate.ts";

/** A denying rule for paths that the wildcard of an allowing rule covers. */
export interface OverlapNote {
  readonly path: string;
  readonly message: string;
  /** Whether a caller can bypass the denial there. */
  readonly isWarning: boolean;
}

/**
 * Lists each pair of rules in which one denies paths that a wildcard of the other allows, with the size of the extra
 * denials.
 */
export function overlapNotes({ routes }: Config): OverlapNote[] {
  const notes = new Map<string, OverlapNote>();
  for (const { denying, allowing, allowed } of ruleOverlaps(routes)) {
    if (!allowed.includes("*")) continue;
    const path = `routes[${routes.indexOf(denying)}] (${denying.name})`;
    const where = `below the wildcard "${allowed}" of "${allowing.name}"`;
    const encoded = allowing.encodedPaths;
    const bytes = spellingsBelow({ method: "*", path: allowed, ...(encoded && { encoded }) })
      .map((spelling) => JSON.stringify(resourceOnStage(LARGEST_RESOURCE, "*", spelling)).length + 1)
      .reduce((sum, length) => sum + length, 0);
    notes.set(`${path} ${where}`, {
      path,
      message: encoded
        ? `${where}, which permits encoded paths: a caller can bypass this denial by percent-encoding one letter`
        : `${where}: paths that are not in plain spelling are denied there too, which takes ${bytes} bytes of a policy`,
      isWarning: Boolean(encoded),
    });
  }
  return [...notes.values()];
}
