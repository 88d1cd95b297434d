import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { QUESTION_TIMEOUT } from "../../../providers/introspection/introspector.ts";
import { GUESSES } from "../../../providers/introspection/permits.ts";
import { parseConfig } from "../../../shared/domain/config/parse.ts";

const text = await readFile("docs/configuration.md", "utf8");
const section = text.split("### Opaque tokens")[1]?.split(/^### /m)[0] ?? "";
const plain = section.replaceAll(/\s+/g, " ");

test("docs/configuration.md shows a whole configuration with introspection, which is valid", () => {
  const [, example = ""] = /^```json\n(.+?)^```$/ms.exec(section) ?? [];
  const { jwt, routes } = parseConfig(JSON.parse(example));
  expect(jwt?.issuers[0]).toMatchObject({ introspection: { tokens: { prefix: ["ory_at_"] } } });
  expect(jwt?.issuers[0]?.keys).toBeUndefined();
  expect(routes).toHaveLength(1);
});

test("docs/configuration.md has the limits of introspection", () => {
  expect(plain).toContain(`${QUESTION_TIMEOUT / 1000} for a whole question`);
  expect(plain).toContain(`asks about ${GUESSES.size} tokens that turn out to be inactive at once`);
  expect(plain).toContain(`then about ${1000 / GUESSES.refill} a second`);
});
