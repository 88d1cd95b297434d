import { expect, test } from "vitest";
import { propertiesOf, template } from "../../template.ts";

const variablesOf = (name: string) =>
  (propertiesOf(name).Environment as { Variables: Record<string, unknown> }).Variables;
const actionsOf = (role: string) => {
  const found = JSON.stringify(propertiesOf(role)).matchAll(
    /"((?:dynamodb|events|secretsmanager|apigateway|sqs):\w+)"/g,
  );
  return [...new Set([...found].map(([, action]) => action))].filter((each) => each !== "dynamodb:LeadingKeys").sort();
};

test.each(["KeyWatch", "UsageSync"])("%s reads the same configuration as the authorizer, but for its cache", (name) => {
  const { SALLYPORT_CACHED_BY: _, SALLYPORT_CACHE_TTL: __, ...expected } = variablesOf("Authorizer");
  expect(variablesOf(name)).toMatchObject(expected);
});

test("the schedule may read keys and note what was sent, and change no key", () => {
  expect(actionsOf("KeyWatchRole")).toEqual([
    ...["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"],
    "events:PutEvents",
  ]);
  const { Policies } = propertiesOf("KeyWatchRole") as {
    Policies: { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
  };
  const note = Policies[0]?.PolicyDocument.Statement.find(({ Sid }) => Sid === "NoteWhatWasSent");
  expect(note).toMatchObject({
    Resource: { "Fn::GetAtt": "KeyActivityTable.Arn" },
    Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["NOTICE#*", "WATCH"] } },
  });
});

test("what follows usage plans may create API Gateway keys, and delete none", () => {
  expect(actionsOf("UsageSyncRole")).toEqual([
    ...["apigateway:GET", "apigateway:POST", "apigateway:PUT", "dynamodb:GetItem", "dynamodb:PutItem"],
    ...["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
  ]);
});

test("usage plans are off without a parameter, and then nothing of them is deployed", () => {
  const own = Object.entries(template.Resources).filter(([name]) => name.startsWith("Usage"));
  expect(own.length).toBeGreaterThan(6);
  for (const [, { Condition }] of own) expect(Condition).toBe("HasUsagePlans");
  expect(template.Parameters.UsagePlans?.Default).toBe("false");
  expect(propertiesOf("RestApi").ApiKeySourceType).toEqual({ "Fn::If": ["HasUsagePlans", "AUTHORIZER", "HEADER"] });
});
