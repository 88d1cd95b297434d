import { expect, test } from "vitest";
import { apiGateway } from "../../../functions/cache-flush/control-plane.ts";
import { jsonService } from "../../shared/infrastructure/aws/json-service.ts";
import { HTTP, REST } from "./fake-tools.ts";

const NOTHING = { status: 202 };

test("empties the cache of a REST stage by FlushStageAuthorizersCache", async () => {
  const { calls } = await jsonService("AWS_ENDPOINT_URL_API_GATEWAY", () => NOTHING);
  await apiGateway().flush(REST);
  expect(calls).toMatchObject([{ method: "DELETE", path: "/restapis/rest1/stages/prod/cache/authorizers" }]);
});

test("empties the cache of an HTTP stage by ResetAuthorizersCache", async () => {
  const { calls } = await jsonService("AWS_ENDPOINT_URL_APIGATEWAYV2", () => ({ status: 204 }));
  await apiGateway().flush(HTTP);
  expect(calls).toMatchObject([{ method: "DELETE", path: "/v2/apis/http1/stages/%24default/cache/authorizers" }]);
});

test("a stage that is not there is an error", async () => {
  await jsonService("AWS_ENDPOINT_URL_API_GATEWAY", () => ({ status: 404, body: { message: "Invalid stage" } }));
  await expect(apiGateway().flush(REST)).rejects.toThrow();
});
