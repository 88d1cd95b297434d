import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { generateApiKey, scannerPattern } from "../../../providers/api-key/format.ts";

/** What secret scanners look for: the expression, the rule of gitleaks, and the documentation. */

const rule = await readFile("schema/gitleaks.toml", "utf8");
const documentation = await readFile("docs/api-keys.md", "utf8");

/** Values of the rule, with the prefix replaced as its comment says. */
function ruleFor(prefix: string) {
  const text = rule.replaceAll("sp_", `${prefix}_`);
  const [, expression = ""] = /^regex = '''(.+)'''$/m.exec(text) ?? [];
  const [, keyword = ""] = /^keywords = \["(.+)"\]$/m.exec(text) ?? [];
  const [, entropy = ""] = /^entropy = (.+)$/m.exec(text) ?? [];
  return { expression, keyword, entropy: Number(entropy) };
}

/** What the rule finds, as gitleaks reads it: the first group, if a keyword is in the text. */
function found(prefix: string, text: string): string[] {
  const { expression, keyword } = ruleFor(prefix);
  if (!text.toLowerCase().includes(keyword)) return [];
  return [...text.matchAll(new RegExp(expression, "g"))].map(([, secret = ""]) => secret);
}

/** Bits for each character, by which gitleaks tells a secret from a placeholder. */
function entropyOf(text: string): number {
  const counts = [...Map.groupBy(text, (character) => character).values()].map(({ length }) => length / text.length);
  return -counts.reduce((sum, share) => sum + share * Math.log2(share), 0);
}

const SURROUNDINGS: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => `Authorization: ApiKey ${key}\r\n`,
  (key) => `X-Api-Key: "${key}"`,
  (key) => `PARTNER_KEY=${key}`,
  (key) => `https://api.test/orders?key=${key}&page=2`,
  (key) => `old_${key}_backup`,
  (key) => `(${key})`,
];

describe.each(["sp", "acme", "p".repeat(16)])("with the prefix %s", (prefix) => {
  const keys = ["live", "test", "e2"].flatMap((environment) =>
    Array.from({ length: 100 }, () => generateApiKey(prefix, environment).text),
  );

  test("generated keys are found whole, wherever they stand", () => {
    const pattern = new RegExp(scannerPattern(prefix), "g");
    for (const key of keys) {
      for (const around of SURROUNDINGS) {
        expect(found(prefix, around(key))).toEqual([key]);
        expect(around(key).match(pattern)).toEqual([key]);
      }
    }
  });

  test("two keys side by side are both found", () => {
    const [one = "", other = ""] = keys;
    expect(found(prefix, `${one} ${other}`)).toEqual([one, other]);
    expect(found(prefix, `${one},${other}`)).toEqual([one, other]);
  });

  test("generated keys have more entropy than the rule asks for, and placeholders less", () => {
    const { entropy } = ruleFor(prefix);
    for (const key of keys) expect(entropyOf(key)).toBeGreaterThan(entropy);
    expect(entropyOf(`${prefix}_live_${"x".repeat(16)}_${"x".repeat(49)}`)).toBeLessThan(entropy);
  });

  test("what only looks similar is not found", () => {
    const key = generateApiKey(prefix, "live").text;
    const [, , id = "", rest = ""] = key.split("_");
    for (const near of [
      key.slice(0, -1),
      `${key}0`,
      `x${key}`,
      key.toUpperCase(),
      `${prefix}x_live_${id}_${rest}`,
      `${prefix}_LIVE_${id}_${rest}`,
      `${prefix}_l_${id}_${rest}`,
      `${prefix}_${"e".repeat(17)}_${id}_${rest}`,
      `${prefix}_live_${id}0_${rest}`,
      `${prefix}_live_${id.slice(1)}_${rest}`,
      `${prefix}_live_${id}-${rest}`,
      `${prefix}_live_${id}_${rest.slice(0, -1)}-`,
      `${prefix}-live-${id}-${rest}`,
      `${prefix}_live_${id}`,
      id,
      rest,
    ]) {
      expect(found(prefix, `key = ${near};`)).toEqual([]);
    }
  });
});

test("the rule and the documentation have the code's expression", () => {
  expect(ruleFor("sp").expression).toContain(`(${scannerPattern("sp")})`);
  expect(documentation).toContain(`\n${scannerPattern("sp")}\n`);
});

test("the expression has nothing that one scanner reads otherwise than another", () => {
  // RE2 (gitleaks) and Hyperscan (GitHub) know no look-around and no back references.
  expect(ruleFor("sp").expression).not.toMatch(/\(\?[=!<]|\\[1-9k]/);
  expect(scannerPattern("sp")).toMatch(/^[\w[\]{},-]+$/);
});
