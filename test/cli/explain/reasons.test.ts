import { glob, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { REJECTIONS } from "../../../shared/domain/reasons/reasons.ts";

/** Reasons whose meaning says all that can be said without the credential's text. */
const PLAIN = [
  ...["assertion_malformed", "assertion_xml_forbidden", "assertion_structure_invalid", "assertion_too_complex"],
  ...["assertion_replayed", "credential_rejected"],
  // What the record of a key says is the same for all three.
  ...["key_disabled", "key_revoked", "key_expired"],
];

test("explain says of every rejection what was expected and what was found, but for those that say it themselves", async () => {
  let source = "";
  for await (const file of glob("cli/explain/rejections/*.ts")) source += await readFile(file, "utf8");
  const explained = Object.keys(REJECTIONS).filter((reason) => new RegExp(`\\b${reason}\\b`).test(source));
  expect([...explained, ...PLAIN].sort()).toEqual(Object.keys(REJECTIONS).sort());
});
