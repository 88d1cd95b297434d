import * as v from "valibot";
import { allowedOf } from "../../shared/domain/config/allowed.ts";
import { shownPath } from "../../shared/domain/config/mistakes.ts";
import { UsageError } from "../usage-error.ts";
import { foundText } from "./option-values.ts";

/** Fields of a key whose option has another name. */
const OPTIONS: ReadonlyMap<unknown, string> = new Map([
  ["scopes", "--scope"],
  ["roles", "--role"],
  ["addresses", "--address"],
  ["attributes", "--attribute"],
  ["usageIdentifierKey", "--usage-key"],
  ["expiresIn", "--expires-in"],
]);

/** Fields whose values may be secrets. */
const SECRET = new Set<unknown>(["attributes", "metadata", "usageIdentifierKey"]);

/** The option that gave a field, by the name that the user typed; the field's own name may be a secret. */
const optionOf = ([field]: readonly unknown[]) => OPTIONS.get(field) ?? `--${shownPath([field])}`;

/** Says what each wrong option has, unless it may be a secret, and what it may have. @throws {UsageError} */
export function wrongFields(error: unknown): never {
  if (!(error instanceof v.ValiError)) throw error;
  const lines = error.issues.map((issue) => {
    const keys = (issue.path ?? []).map(({ key }: { key: unknown }) => key);
    const isSecret = SECRET.has(keys[0]) && !Array.isArray(issue.input);
    const found = isSecret ? hiddenText(issue.input) : foundText(issue.input);
    return `${optionOf(keys)}: found ${found}, allowed is ${allowedOf(issue)}`;
  });
  throw new UsageError([...new Set(lines)].join("\n"));
}

const hiddenText = (found: unknown) =>
  typeof found === "string" ? `a text of ${found.length} characters` : "texts by their names";
