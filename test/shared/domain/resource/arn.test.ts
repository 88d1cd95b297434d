import { expect, test } from "vitest";
import { resourceFrom, resourceOnStage, wholeStage } from "../../../../shared/domain/resource/arn.ts";
import { API } from "../../../fixtures.ts";

test.each([
  [`${API}/prod/GET/orders/42`, { api: API, stage: "prod", method: "GET", path: "/orders/42" }],
  [`${API}/prod/GET/`, { api: API, stage: "prod", method: "GET", path: "/" }],
  [`${API}/$default/POST/a:b`, { api: API, stage: "$default", method: "POST", path: "/a:b" }],
  [`${API}/prod/$connect`, { api: API, stage: "prod", method: "$connect", path: "" }],
  [
    "arn:aws-cn:execute-api:cn-north-1:123456789012:abc/s_t-1/DELETE/x",
    { api: "arn:aws-cn:execute-api:cn-north-1:123456789012:abc", stage: "s_t-1", method: "DELETE", path: "/x" },
  ],
])("parses %s", (arn, expected) => {
  expect(resourceFrom(arn)).toEqual(expected);
});

test.each([
  undefined,
  "",
  5,
  "arn:aws:execute-api:eu-west-1:123456789012:abc/prod",
  "arn:aws:execute-api:eu-west-1:*:abc/prod/GET/x",
  "arn:aws:execute-api:eu-west-1:123456789012:*/prod/GET/x",
  "arn:aws:execute-api:eu-west-1:123456789012:abc/*/GET/x",
  "arn:aws:execute-api:eu-west-1:123456789012:abc/prod/*/x",
  `${API}/prod/$default`,
  `${API}/prod/$connect/x`,
  `${API}/prod/GET`,
  "arn:evil:execute-api:eu-west-1:123456789012:abc/prod/GET/x",
  "arn:aws:s3:eu-west-1:123456789012:abc/prod/GET/x",
  `${API}/prod/GET/${"x".repeat(1600)}`,
  `${API}/prod/GET/\ud800`,
])("refuses %j, which is not a method ARN", (value) => {
  expect(() => resourceFrom(value)).toThrow("event_not_supported");
});

test("builds resources on the stage of the event", () => {
  const arn = { api: API, stage: "prod", method: "GET", path: "/a" };
  expect(resourceOnStage(arn, "POST", "/b/*")).toBe(`${API}/prod/POST/b/*`);
  expect(wholeStage(arn)).toBe(`${API}/prod/*`);
});
