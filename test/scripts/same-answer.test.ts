import { describe, expect, test } from "vitest";
import { isSameAnswer } from "../../scripts/same-answer.ts";

/** An answer whose policy ends, and is denied, at these seconds of one minute. */
const answer = (end: number, from = end, others: object = {}) => [
  {
    principalId: "id",
    policyDocument: {
      Statement: [
        { Effect: "Allow", Resource: ["a"], Condition: { DateLessThan: { "aws:CurrentTime": at(end) } } },
        { Effect: "Deny", Resource: ["*"], Condition: { DateGreaterThanEquals: { "aws:CurrentTime": at(from) } } },
      ],
    },
    context: { expiresAt: 60, ...others },
  },
  undefined,
];
const at = (second: number) => `2026-03-02T10:00:${String(second).padStart(2, "0")}Z`;

describe("an answer that is decided later is the same", () => {
  test.each([
    ["with equal instants", answer(10), answer(10)],
    ["with instants that are later by the time between", answer(10), answer(13)],
    ["with one instant that is fixed, and one that is not", answer(10, 10), answer(10, 13)],
    ["as an error", [undefined, "Unauthorized"], [undefined, "Unauthorized"]],
  ])("%s", (_what, first, second) => {
    expect(isSameAnswer(first, second, 2.4)).toBe(true);
  });
});

describe("an answer that is decided later is another", () => {
  const withStatements = (Statement: readonly object[]) => [{ policyDocument: { Statement } }, undefined];
  const ending = { Condition: { DateLessThan: { "aws:CurrentTime": at(10) } } };
  test.each([
    ["with an instant that is later than the time between allows", answer(10), answer(14)],
    ["with an instant that is earlier", answer(10), answer(9)],
    ["with one instant that is too late", answer(10, 10), answer(10, 14)],
    ["with a statement more", withStatements([ending]), withStatements([ending, ending])],
    ["without its instant", withStatements([ending]), withStatements([{ Condition: { DateLessThan: {} } }])],
    ["with another end in its context", answer(10), answer(10, 10, { expiresAt: 61 })],
    ["with a context key more", answer(10), answer(10, 10, { "aws:currenttime": at(10) })],
    ["as an error", answer(10), [undefined, "unavailable"]],
    ["as another error", [undefined, "Unauthorized"], [undefined, "unavailable"]],
    ["with a time that cannot be read", [{ "aws:CurrentTime": at(10) }], [{ "aws:CurrentTime": "soon" }]],
    ["with a time in place of a list", [{ "aws:CurrentTime": at(10) }], [{ "aws:CurrentTime": [at(10)] }]],
  ])("%s", (_what, first, second) => {
    expect(isSameAnswer(first, second, 2.4)).toBe(false);
  });
});
