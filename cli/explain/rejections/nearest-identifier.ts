import { nearestName } from "../../../shared/domain/nearest-name.ts";
import { shownValue } from "../shown-value.ts";

/**
 * The configured identifier, mostly a URL, that is probably meant: the same but for a slash at its end or the case of
 * letters, or nearly the same, or one of the same host. Undefined if there is none.
 */
export function nearestIdentifier(found: unknown, configured: readonly string[]): string | undefined {
  if (typeof found !== "string") return undefined;
  const plain = (text: string) => text.toLowerCase().replace(/\/+$/, "");
  const hostOf = (text: string) => URL.parse(text)?.host || undefined;
  return (
    configured.find((each) => plain(each) === plain(found)) ??
    nearestName(found, configured) ??
    configured.find((each) => hostOf(each) !== undefined && hostOf(each) === hostOf(found))
  );
}

/** Says how the nearest configured identifier differs from what was found; undefined if there is none. */
export function differenceHint(found: unknown, configured: readonly string[]): string | undefined {
  const nearest = nearestIdentifier(found, configured);
  if (nearest === undefined || typeof found !== "string" || nearest === found) return undefined;
  const difference = differenceOf(found, nearest);
  return configured.length > 1 ? `the nearest is ${shownValue(nearest)}: ${difference}` : difference;
}

function differenceOf(found: string, nearest: string): string {
  if (`${found}/` === nearest) return "the configured one ends with a slash";
  if (found === `${nearest}/`) return "the configured one has no slash at its end";
  if (found.toLowerCase() === nearest.toLowerCase()) return "they differ in the case of letters";
  const index = [...found].findIndex((character, position) => character !== nearest[position]);
  return `they differ from character ${(index < 0 ? found.length : index) + 1} on`;
}
