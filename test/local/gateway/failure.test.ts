import { expect, test } from "vitest";
import type { RestApi } from "../../../local/gateway/api.ts";
import { failureResponse } from "../../../local/gateway/rest/failure.ts";

const request = {
  ...{ method: "GET", path: "/", rawQuery: "", query: [], headers: [], body: Buffer.alloc(0), sourceIp: "127.0.0.1" },
  ...{ protocol: "HTTP/1.1", time: 0, requestId: "r", extendedId: "x" },
};
const apiWith = (template: string, headers: Record<string, string> = {}): RestApi => ({
  ...{
    kind: "rest",
    name: "Api",
    id: "abcdef1234",
    stage: "prod",
    stageVariables: { colour: "blue" },
    authorizers: {},
  },
  ...{ routes: [], gatewayResponses: { UNAUTHORIZED: { headers, template } }, apiKeySource: "HEADER" },
});
const respond = (api: RestApi) =>
  failureResponse({ type: "UNAUTHORIZED", message: "no" }, api, request, { stage: "prod" });

test("a gateway response has the values of its variables", () => {
  const { body, headers } = respond(
    apiWith("$context.stage $context.error.message $stageVariables.colour", { "x-stage": "context.stage" }),
  );
  expect(body).toBe("prod no blue");
  expect(headers).toContainEqual(["x-stage", "prod"]);
});

test.each(["constructor", "toString", "__proto__", "absent"])("and nothing for a variable named %s", (name) => {
  const { body, headers } = respond(
    apiWith(`<$context.${name}><$stageVariables.${name}>`, { "x-own": `context.${name}` }),
  );
  expect(body).toBe("<><>");
  expect(headers).toContainEqual(["x-own", ""]);
});
