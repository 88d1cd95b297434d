import { describe, expect, test } from "vitest";
import { exactValueOf, readAttributes, valuesOf } from "../../../providers/saml/attributes.ts";
import { parseXml } from "../../../providers/saml/xml/document.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";

const INVALID = expect.objectContaining({ reason: "assertion_attribute_invalid" });
const read = (statements: string) =>
  readAttributes(parseXml(`<Assertion xmlns="${NAMESPACES.assertion}">${statements}</Assertion>`));
const values = (...texts: readonly string[]) =>
  texts.map((text) => `<AttributeValue>${text}</AttributeValue>`).join("");
const named = (name: string, content = values("x")) => `<Attribute Name="${name}">${content}</Attribute>`;
const statement = (...attributes: readonly string[]) =>
  `<AttributeStatement>${attributes.join("")}</AttributeStatement>`;

describe("attributes", () => {
  test("are those of all statements, by name", () => {
    const all = read(statement(named("a", values("1", "2")), named("b")) + statement(named("a", values("3"))));
    expect([...all.keys()]).toEqual(["a", "b"]);
    expect(valuesOf(all, "a")).toEqual(["1", "2", "3"]);
    expect(valuesOf(all, "absent")).toEqual([]);
    expect(exactValueOf(all, "b")).toBe("x");
    expect(exactValueOf(all, "absent")).toBeUndefined();
    expect(() => exactValueOf(all, "a")).toThrow(INVALID);
  });

  test("of another namespace, or outside a statement, are none", () => {
    expect(read(named("a")).size).toBe(0);
    expect(read(`<Advice>${named("a")}</Advice>`).size).toBe(0);
    expect(
      read(
        `<AttributeStatement xmlns="urn:x">${named("a").replace(" ", ` xmlns="${NAMESPACES.assertion}" `)}</AttributeStatement>`,
      ).size,
    ).toBe(0);
    expect(read(statement('<Attribute xmlns="urn:x" Name="a"/>')).size).toBe(0);
    const foreign = read(statement(named("a", '<AttributeValue xmlns="urn:x">admin</AttributeValue>')));
    expect(valuesOf(foreign, "a")).toEqual([]);
  });

  test.each(["__proto__", "constructor", "prototype", ""])("called %j are refused", (name) => {
    expect(() => read(statement(named(name)))).toThrow(INVALID);
  });

  test("without a name are refused", () => {
    expect(() => read(statement("<Attribute/>"))).toThrow(INVALID);
  });
});

describe("the values of a list", () => {
  const list = (...texts: readonly string[]) => valuesOf(read(statement(named("a", values(...texts)))), "a");
  const many = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);

  test("are at most 256, of at most 1024 characters", () => {
    expect(list(...many(256))).toHaveLength(256);
    expect(() => list(...many(257))).toThrow(INVALID);
    expect(list("x".repeat(1024))).toHaveLength(1);
    expect(() => list("x".repeat(1025))).toThrow(INVALID);
    expect(() => list("x", "x".repeat(1025))).toThrow(INVALID);
  });

  test("are the same for two attributes of a name as for one", () => {
    const both = (count: number) =>
      valuesOf(read(statement(named("a", values(...many(128))), named("a", values(...many(count))))), "a");
    expect(both(128)).toHaveLength(256);
    expect(() => both(129)).toThrow(INVALID);
  });
});

describe("a single value", () => {
  test("keeps its white space", () => {
    expect(exactValueOf(read(statement(named("a", values(" x ")))), "a")).toBe(" x ");
  });

  test("may stand beside empty ones, but not beside another, or another attribute of the name", () => {
    expect(exactValueOf(read(statement(named("a", values("", "x", "")))), "a")).toBe("x");
    expect(exactValueOf(read(statement(named("a", values("")))), "a")).toBeUndefined();
    expect(() => exactValueOf(read(statement(named("a", values("x", "x")))), "a")).toThrow(INVALID);
    expect(() => exactValueOf(read(statement(named("a", ""), named("a", ""))), "a")).toThrow(INVALID);
  });

  test.each(["true", "1"])("that is null (%s) must be empty", (nil) => {
    const value = (text: string) =>
      read(
        statement(
          named("a", `<AttributeValue xmlns:i="${NAMESPACES.schemaInstance}" i:nil="${nil}">${text}</AttributeValue>`),
        ),
      );
    expect(exactValueOf(value(""), "a")).toBeUndefined();
    expect(() => exactValueOf(value("x"), "a")).toThrow(INVALID);
  });
});
