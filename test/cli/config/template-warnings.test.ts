import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { templateFindings } from "../../../cli/config/template-warnings.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf } from "../../fixtures.ts";

type Rule = SallyportConfig["routes"][number];

let file: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  file = join(folder, "template.yaml");
});
afterAll(() => rm(folder, { recursive: true }));

/** A REST API with the stage `prod`, whose routes are `METHOD /path`; those with `!` have no authorizer. */
async function find(routes: readonly string[], rules: readonly Partial<Rule>[]) {
  const events = routes.map((route, index) => {
    const [method, path] = route.replace("!", "").split(" ");
    const auth = route.endsWith("!") ? "\n            Auth: { Authorizer: NONE }" : "";
    return `        Route${index}:
          Type: Api
          Properties:
            RestApiId: !Ref Shop
            Method: ${method}
            Path: ${path}${auth}`;
  });
  await writeFile(
    file,
    `Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth:
        DefaultAuthorizer: Sallyport
        Authorizers:
          Sallyport:
            FunctionArn: !GetAtt Authorizer.Arn
            FunctionPayloadType: REQUEST
            Identity: { Headers: [Authorization] }
  Authorizer:
    Type: AWS::Serverless::Function
    Properties: { Handler: index.handler, CodeUri: ., Runtime: nodejs24.x }
  Backend:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      CodeUri: .
      Runtime: nodejs24.x
      Events:
${events.join("\n")}
`,
  );
  const config = configOf({
    routes: rules.map((rule, index) => ({ name: `rule${index}`, methods: ["GET"], paths: ["/orders"], ...rule })),
  });
  const { warnings, notes } = await templateFindings(config, file);
  const shown = ({ path, message }: { path: string; message: string }) =>
    `${path.replace(`${file}: `, "")}: ${message}`;
  return { warnings: warnings.map(shown), notes: notes.map(shown) };
}

test("rules and routes that fit one another are in order", async () => {
  const { warnings, notes } = await find(
    ["get /orders", "any /users/{id}"],
    [{}, { methods: "ANY", paths: ["/users/*"] }],
  );
  expect([warnings, notes]).toEqual([[], []]);
});

test("a route that no rule opens is named, also where a rule has its path with another method", async () => {
  const { warnings } = await find(["get /orders", "post /orders", "get /users"], [{}]);
  expect(warnings).toEqual([
    "Shop: POST /orders: no rule opens this route: whoever calls it gets 403",
    "Shop: GET /users: no rule opens this route: whoever calls it gets 403",
  ]);
});

test("a denying rule opens no route", async () => {
  const { warnings } = await find(["get /orders"], [{ effect: "deny" }]);
  expect(warnings).toEqual([expect.stringContaining("Shop: GET /orders: no rule opens this route")]);
});

test("a route without an authorizer needs no rule, and is noted", async () => {
  const { warnings, notes } = await find(["get /orders", "get /health !"], [{}]);
  expect(warnings).toEqual([]);
  expect(notes).toEqual(["Shop: GET /health: no Lambda authorizer: the rules do not matter here"]);
});

test("a path without a route is named, with the path that was probably meant where it has a stage", async () => {
  const { warnings } = await find(["get /orders"], [{ paths: ["/orders", "/prod/orders", "/ordres"] }]);
  expect(warnings).toEqual([
    'routes[0] (rule0): "/prod/orders": the template has no route for it; paths have no stage, and "/orders" has one',
    'routes[0] (rule0): "/ordres": the template has no route for it',
  ]);
});

test("a denial of a path without a route is in order", async () => {
  const { warnings } = await find(["get /orders"], [{}, { effect: "deny", paths: ["/later"] }]);
  expect(warnings).toEqual([]);
});

test("a rule for a WebSocket API that is not there is named", async () => {
  const { warnings } = await find(["get /orders"], [{ webSocket: true }]);
  expect(warnings).toEqual(["routes[0] (rule0): the template has no WebSocket API"]);
});

test("a template that is not there is an error that names it", async () => {
  await expect(templateFindings(configOf(), "none.yaml")).rejects.toThrow("There is no template none.yaml");
});
