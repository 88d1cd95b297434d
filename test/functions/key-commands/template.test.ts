import { describe, expect, test } from "vitest";
import { matches } from "../../../local/cloud/bus/event-pattern.ts";
import { Resolver } from "../../../local/gateway/template/intrinsics.ts";
import { propertiesOf, template } from "../../template.ts";
import { commandEvent } from "./fixture.ts";

const variablesOf = (name: string) =>
  (propertiesOf(name).Environment as { Variables: Record<string, unknown> }).Variables;

describe("the bus for commands", () => {
  test("takes commands of nobody but those whom the account allows it, until a parameter names others", () => {
    const resolver = (parameters: Record<string, string>) => new Resolver(template, parameters);
    const { Condition = "" } = template.Resources.CommandBusPolicy ?? {};
    expect(resolver({}).condition(Condition)).toBe(false);
    const named = resolver({ CommandPrincipals: "210987654321,arn:aws:iam::123456789012:role/scanner" });
    expect(named.condition(Condition)).toBe(true);
    expect(propertiesOf("CommandBusPolicy").Statement).toEqual({
      Effect: "Allow",
      Principal: { AWS: { Ref: "CommandPrincipals" } },
      Action: "events:PutEvents",
      Resource: { "Fn::GetAtt": "CommandBus.Arn" },
    });
  });

  test("hands on every event, so that a command with a wrong name is not lost", () => {
    const { EventPattern } = propertiesOf("CommandRule");
    for (const name of ["RevokeKey", "RevokeEverything"])
      expect(matches(EventPattern, JSON.parse(commandEvent(name, {})))).toBe(true);
  });
});

describe("the function of commands", () => {
  test("reads the same configuration as the authorizer, but for its cache", () => {
    const { SALLYPORT_CACHED_BY: _, SALLYPORT_CACHE_TTL: __, ...expected } = variablesOf("Authorizer");
    const { SALLYPORT_COMMAND_QUEUE: queue, SALLYPORT_COMMAND_DEAD_LETTERS: dead, ...own } = variablesOf("KeyCommands");
    expect(own).toEqual(expected);
    expect([queue, dead]).toEqual([{ Ref: "CommandQueue" }, { Ref: "CommandDeadLetters" }]);
  });

  test("has its messages for longer than it runs, and answers for each alone", () => {
    const { Timeout, Events, RecursiveLoop } = propertiesOf("KeyCommands");
    expect(propertiesOf("CommandQueue").VisibilityTimeout).toBeGreaterThan(Number(Timeout));
    expect(Events).toMatchObject({ Commands: { Properties: { FunctionResponseTypes: ["ReportBatchItemFailures"] } } });
    // It sends messages to its own queue. Lambda would stop it after sixteen.
    expect(RecursiveLoop).toBe("Allow");
  });

  test("may change and list keys, and neither delete nor scan them", () => {
    const text = JSON.stringify(propertiesOf("KeyCommandsRole"));
    const actions = [...text.matchAll(/"(dynamodb|events|secretsmanager):(\w+)"/g)].map(([, , action]) => action);
    expect(actions.sort()).toEqual(["GetItem", "GetSecretValue", "PutItem", "Query", "UpdateItem"]);
    for (const [, resource] of text.matchAll(/"Resource":("[^"]*")/g)) expect(resource).toBe('"*"');
    expect(text.match(/"Resource":"\*"/g)).toHaveLength(1);
  });
});
