import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { haveCommonPath } from "../../../cli/config/common-path.ts";

describe("a rule and a route have a path in common", () => {
  test.each<[string, string, boolean]>([
    ["/orders", "/orders", true],
    ["/orders", "/order", false],
    ["/orders/*", "/orders/{id}", true],
    ["/orders/*", "/orders", false],
    ["/orders/*/items", "/orders/{id}", false],
    ["/orders/*/items", "/orders/{id}/items", true],
    ["/orders/*/items", "/orders/{rest+}", true],
    ["/tenants/{tenant}/orders", "/tenants/{tenant}/orders", true],
    ["/tenants/{tenant}/orders", "/tenants/{id}", false],
    ["/users/{subject}", "/users/", false],
    ["/users/", "/users/{id}", false],
    ["/*", "/{proxy+}", true],
    ["/", "/{proxy+}", false],
    ["/a", "$default", true],
    ["/prod/a", "/a", false],
  ])("%s and %s: %s", (rule, route, expected) => {
    expect(haveCommonPath(rule, route)).toBe(expected);
  });
});

test("they have one exactly if one of all short paths fits both", () => {
  const texts = (length: number): string[] =>
    length === 0 ? [""] : texts(length - 1).flatMap((text) => [text, `${text}/`, `${text}a`, `${text}b`]);
  const paths = [...new Set(texts(6))];
  const part = (...values: string[]) =>
    fc.array(fc.constantFrom(...values), { maxLength: 3 }).map((all) => all.join(""));
  const expressionOf = (pattern: string, any: string) =>
    new RegExp(
      `^${pattern.replace(/\{\w+\+\}|\{\w+\}|\*/g, (one) => (one.endsWith("+}") ? "[^]+" : one === "*" ? any : "[^/]+"))}$`,
    );
  fc.assert(
    fc.property(part("/", "a", "*", "{tenant}"), part("/", "a", "b", "{id}", "{rest+}"), (rule, route) => {
      const [one, other] = [expressionOf(rule, "[^]*"), expressionOf(route, "")];
      expect(haveCommonPath(rule, route)).toBe(paths.some((path) => one.test(path) && other.test(path)));
    }),
  );
});
