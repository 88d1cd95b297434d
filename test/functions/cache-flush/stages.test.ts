import { describe, expect, test } from "vitest";
import { afterOf } from "../../../functions/cache-flush/message.ts";
import { readStages } from "../../../functions/cache-flush/stages.ts";
import { backoff } from "../../../functions/cache-flush/visibility.ts";
import { ARNS, T } from "./fake-tools.ts";

test("stages are read from the ARNs that the role names, separated by commas", () => {
  expect(readStages(` ${ARNS[0]} , ${ARNS[1]},`)).toEqual([
    { kind: "rest", region: "eu-west-1", apiId: "rest1", stageName: "prod", path: "restapis/rest1/stages/prod" },
    { kind: "http", region: "eu-west-1", apiId: "http1", stageName: "$default", path: "apis/http1/stages/$default" },
  ]);
  expect(readStages("")).toEqual([]);
  expect(readStages("arn:aws-us-gov:apigateway:us-gov-west-1::/apis/a/stages/s/cache/authorizers")).toHaveLength(1);
});

test.each([
  "rest1/prod",
  "arn:aws:apigateway:eu-west-1::/restapis/rest1/stages/prod",
  "arn:aws:apigateway:eu-west-1::/restapis/*/stages/prod/cache/authorizers",
  "arn:aws:apigateway:eu-west-1::/restapis/a/b/stages/prod/cache/authorizers",
  "arn:aws:apigateway:eu-west-1::/restapis/a/stages/prod/cache/data",
])("%s is refused at the start", (arn) => expect(() => readStages(`${ARNS[0]},${arn}`)).toThrow(arn));

describe("a message", () => {
  test("names the instant from which it asks for a flush", () => {
    expect(afterOf(`{"after":${T}}`, T)).toBe(T);
    expect(afterOf(`{"after":${T + 2000},"more":1}`, T)).toBe(T + 2000);
  });

  test.each(["", "x", "null", "[]", "{}", '{"after":"1"}', '{"after":-1}', '{"after":1.5}', `{"after":${T + 1e9}}`])(
    "of %j cannot be read",
    (body) => expect(afterOf(body, T)).toBeUndefined(),
  );
});

test("a message that failed comes again after 1, 2, 4 seconds and so on, up to a minute", () => {
  expect([1, 2, 3, 4, 7, 8, 1000].map(backoff)).toEqual([1, 2, 4, 8, 60, 60, 60]);
  expect(backoff(0)).toBe(1);
});
