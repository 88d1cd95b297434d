import { describe, expect, test } from "vitest";
import { evaluate } from "../../../local/iam/evaluate.ts";
import type { Condition, Statement } from "../../../shared/policy/document.ts";

const statement = (overrides: Partial<Statement> = {}): Statement => ({
  Action: "execute-api:Invoke",
  Effect: "Allow",
  Resource: ["a"],
  ...overrides,
});

const effectOf = (statements: Statement[], context = {}, resource = "a") =>
  evaluate({ Version: "2012-10-17", Statement: statements }, { resource, context });

test("an explicit Deny outweighs an Allow, and silence denies", () => {
  expect(effectOf([statement()])).toBe("allow");
  expect(effectOf([statement(), statement({ Effect: "Deny" })])).toBe("explicit-deny");
  expect(effectOf([statement()], {}, "b")).toBe("implicit-deny");
});

test("NotResource applies to everything else", () => {
  const { Resource: _, ...rest } = statement({ Effect: "Deny" });
  const deny: Statement = { ...rest, NotResource: ["a"] };
  expect(effectOf([statement(), deny])).toBe("allow");
  expect(effectOf([statement(), deny], {}, "b")).toBe("explicit-deny");
});

describe("a condition", () => {
  const time = { "aws:currenttime": "2026-03-02T10:00:00Z" };
  const from = { "aws:sourceip": "192.0.2.7" };
  test.each<[string, Condition, Record<string, string>, boolean]>([
    ["DateLessThan is strict", { DateLessThan: { "aws:CurrentTime": "2026-03-02T10:00:00Z" } }, time, false],
    ["DateLessThan before", { DateLessThan: { "aws:CurrentTime": "2026-03-02T10:00:01Z" } }, time, true],
    ["DateGreaterThanEquals at", { DateGreaterThanEquals: { "aws:CurrentTime": "2026-03-02T10:00:00Z" } }, time, true],
    ["IpAddress within", { IpAddress: { "aws:SourceIp": ["198.51.100.0/24", "192.0.2.0/24"] } }, from, true],
    ["IpAddress of a missing key", { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }, {}, false],
    ["NotIpAddress outside", { NotIpAddress: { "aws:SourceIp": "198.51.100.0/24" } }, from, true],
    [
      "NotIpAddress of several is none of them",
      { NotIpAddress: { "aws:SourceIp": ["198.51.100.0/24", "192.0.2.0/24"] } },
      from,
      false,
    ],
    ["NotIpAddress of a missing key", { NotIpAddress: { "aws:SourceIp": "0.0.0.0/0" } }, {}, true],
    [
      "operators are joined by and",
      { IpAddress: { "aws:SourceIp": "192.0.2.7" }, DateLessThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } },
      { ...time, ...from },
      false,
    ],
  ])("%s", (_what, Condition, context, expected) => {
    expect(effectOf([statement({ Condition })], context) === "allow").toBe(expected);
  });

  test("with an operator that is not known is refused loudly", () => {
    expect(() => effectOf([statement({ Condition: { IpAdress: { "aws:SourceIp": "0.0.0.0/0" } } })], from)).toThrow(
      /IpAdress/,
    );
  });
});
