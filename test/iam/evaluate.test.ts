import { describe, expect, test } from "vitest";
import type { RequestContext } from "../../iam/condition.ts";
import { evaluate, PolicyError } from "../../iam/evaluate.ts";

const ARN = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/orders/7";

const statement = (overrides: object = {}) => ({
  Action: "execute-api:Invoke",
  Effect: "Allow",
  Resource: ARN,
  ...overrides,
});
const policy = (...statements: object[]) => ({ Version: "2012-10-17", Statement: statements });
const judge = (document: unknown, context: RequestContext = {}, resource = ARN) =>
  evaluate(document, { resource, context });
const effectOf = (...given: Parameters<typeof judge>) => judge(...given).effect;

describe("a policy", () => {
  test("denies if a Deny applies, even beside an Allow, and if no statement applies", () => {
    expect(effectOf(policy(statement()))).toBe("allow");
    expect(effectOf(policy(statement(), statement({ Effect: "Deny" })))).toBe("explicit-deny");
    expect(effectOf(policy(statement({ Resource: `${ARN}/x` })))).toBe("implicit-deny");
  });

  test("reports the deciding statement with its conditions", () => {
    const Condition = { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } };
    const document = policy(statement({ Resource: "*" }), statement({ Sid: "Office", Effect: "Deny", Condition }));
    expect(judge(document, { "aws:sourceip": "192.0.2.7" })).toEqual({
      effect: "explicit-deny",
      statement: { index: 1, sid: "Office" },
      conditions: [{ operator: "IpAddress", key: "aws:SourceIp", values: ["192.0.2.0/24"] }],
    });
    expect(judge(document)).toMatchObject({ effect: "allow", statement: { index: 0 }, conditions: [] });
  });

  test("reports the failed condition of an Allow", () => {
    const Condition = { DateLessThan: { "aws:CurrentTime": "2026-03-02T10:00:00Z" } };
    expect(judge(policy(statement({ Condition })), { "aws:currenttime": "2026-03-02T10:00:00Z" })).toEqual({
      effect: "implicit-deny",
      failed: {
        statement: 0,
        condition: { operator: "DateLessThan", key: "aws:CurrentTime", values: ["2026-03-02T10:00:00Z"] },
      },
    });
  });

  test("may have a single statement, and the version 2008-10-17", () => {
    expect(effectOf({ Statement: statement() })).toBe("allow");
    expect(effectOf({ Version: "2008-10-17", Statement: [statement()] })).toBe("allow");
  });
});

describe("actions and resources of a statement", () => {
  test.each<[string, object, boolean]>([
    ["an action by name, whatever its case", { Action: "EXECUTE-API:invoke" }, true],
    ["actions by wildcard", { Action: ["s3:*", "execute-api:*"] }, true],
    ["every action", { Action: "*" }, true],
    ["other actions", { Action: ["execute-api:ManageConnections"] }, false],
    ["all actions but others", { Action: undefined, NotAction: "s3:*" }, true],
    ["all actions but this", { Action: undefined, NotAction: "execute-api:Inv*" }, false],
    ["a resource by wildcard, which crosses slashes", { Resource: "arn:aws:execute-api:*:*:*/prod/*" }, true],
    ["a resource with one character open", { Resource: ARN.replace("7", "?") }, true],
    ["a resource in another case", { Resource: ARN.replace("GET", "get") }, false],
    ["several resources", { Resource: ["arn:aws:s3:::a", ARN] }, true],
    ["all resources but others", { Resource: undefined, NotResource: "arn:aws:s3:::*" }, true],
    ["all resources but this", { Resource: undefined, NotResource: [ARN] }, false],
    ["another partition's", { Resource: ARN.replace("arn:aws:", "arn:aws-cn:") }, false],
  ])("%s", (_, overrides, expected) => {
    const given = Object.fromEntries(Object.entries(statement(overrides)).filter(([, value]) => value !== undefined));
    expect(effectOf(policy(given)) === "allow").toBe(expected);
  });

  test("works in another partition", () => {
    const arn = ARN.replace("arn:aws:", "arn:aws-cn:");
    expect(effectOf(policy(statement({ Resource: arn })), {}, arn)).toBe("allow");
  });
});

const NOW = "2026-03-02T10:00:00Z";
const CONTEXT: RequestContext = {
  "aws:currenttime": NOW,
  "aws:epochtime": "1772445600",
  "aws:sourceip": "192.0.2.7",
  "aws:useragent": "curl/8.5.0",
  "aws:securetransport": "true",
  "aws:sourcearn": "arn:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/a:b",
  "aws:principalorgpaths": ["o-1/a", "o-1/b"],
};

describe("a condition", () => {
  test.each<[object, boolean]>([
    [{ StringEquals: { "aws:UserAgent": "curl/8.5.0" } }, true],
    [{ StringEquals: { "AWS:useragent": ["x", "curl/8.5.0"] } }, true],
    [{ StringEquals: { "aws:UserAgent": "CURL/8.5.0" } }, false],
    [{ StringEquals: { "aws:Referer": "x" } }, false],
    [{ StringNotEquals: { "aws:UserAgent": ["x", "y"] } }, true],
    [{ StringNotEquals: { "aws:UserAgent": ["x", "curl/8.5.0"] } }, false],
    [{ StringNotEquals: { "aws:Referer": "x" } }, true],
    [{ StringEqualsIgnoreCase: { "aws:UserAgent": "CURL/8.5.0" } }, true],
    [{ StringNotEqualsIgnoreCase: { "aws:UserAgent": "CURL/8.5.0" } }, false],
    [{ StringLike: { "aws:UserAgent": "curl/?.5.*" } }, true],
    [{ StringNotLike: { "aws:UserAgent": "curl/*" } }, false],
    [{ NumericEquals: { "aws:EpochTime": 1772445600 } }, true],
    [{ NumericNotEquals: { "aws:EpochTime": "1772445600.0" } }, false],
    [{ NumericLessThan: { "aws:EpochTime": "1772445600" } }, false],
    [{ NumericLessThanEquals: { "aws:EpochTime": "1772445600" } }, true],
    [{ NumericGreaterThan: { "aws:EpochTime": "1772445599" } }, true],
    [{ NumericGreaterThanEquals: { "aws:EpochTime": "1772445601" } }, false],
    [{ DateEquals: { "aws:CurrentTime": "2026-03-02T11:00:00+01:00" } }, true],
    [{ DateEquals: { "aws:CurrentTime": "1772445600" } }, true],
    [{ DateNotEquals: { "aws:CurrentTime": NOW } }, false],
    [{ DateLessThan: { "aws:CurrentTime": NOW } }, false],
    [{ DateLessThan: { "aws:EpochTime": "2026-03-02T10:00:01Z" } }, true],
    [{ DateLessThanEquals: { "aws:CurrentTime": NOW } }, true],
    [{ DateGreaterThan: { "aws:CurrentTime": NOW } }, false],
    [{ DateGreaterThanEquals: { "aws:CurrentTime": NOW } }, true],
    [{ DateGreaterThan: { "aws:CurrentTime": "2026" } }, true],
    [{ Bool: { "aws:SecureTransport": true } }, true],
    [{ Bool: { "aws:SecureTransport": "false" } }, false],
    [{ BinaryEquals: { "aws:UserAgent": "curl/8.5.0" } }, true],
    [{ IpAddress: { "aws:SourceIp": ["198.51.100.0/24", "192.0.2.0/24"] } }, true],
    [{ IpAddress: { "aws:SourceIp": "192.0.2.7" } }, true],
    [{ IpAddress: { "aws:SourceIp": "2001:db8::/32" } }, false],
    [{ IpAddress: { "aws:VpcSourceIp": "0.0.0.0/0" } }, false],
    [{ NotIpAddress: { "aws:SourceIp": ["198.51.100.0/24", "192.0.2.0/24"] } }, false],
    [{ NotIpAddress: { "aws:VpcSourceIp": "0.0.0.0/0" } }, true],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:execute-api:*:123456789012:abc/*" } }, true],
    [{ ArnEquals: { "aws:SourceArn": "arn:aws:*:b" } }, false],
    [{ ArnNotLike: { "aws:SourceArn": "arn:aws:execute-api:*:*:*" } }, false],
    [{ ArnNotEquals: { "aws:SourceArn": "arn:aws:s3:*:*:*" } }, true],
    [{ StringEqualsIfExists: { "aws:Referer": "x" } }, true],
    [{ StringEqualsIfExists: { "aws:UserAgent": "x" } }, false],
    [{ IpAddressIfExists: { "aws:VpcSourceIp": "10.0.0.0/8" } }, true],
    [{ Null: { "aws:Referer": "true" } }, true],
    [{ Null: { "aws:Referer": "false" } }, false],
    [{ Null: { "aws:UserAgent": false } }, true],
    [{ "ForAnyValue:StringEquals": { "aws:PrincipalOrgPaths": ["o-1/b", "o-2/c"] } }, true],
    [{ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-2/*" } }, false],
    [{ "ForAnyValue:StringLike": { "aws:Referer": "*" } }, false],
    [{ "ForAllValues:StringLike": { "aws:PrincipalOrgPaths": "o-1/*" } }, true],
    [{ "ForAllValues:StringEquals": { "aws:PrincipalOrgPaths": "o-1/a" } }, false],
    [{ "ForAllValues:StringEquals": { "aws:Referer": "x" } }, true],
    [{ StringEquals: { "aws:UserAgent": "curl/8.5.0", "aws:Referer": "x" } }, false],
    [{ StringEquals: { "aws:UserAgent": "curl/8.5.0" }, IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, false],
  ])("%j: %s", (Condition, expected) => {
    expect(effectOf(policy(statement({ Condition })), CONTEXT) === "allow").toBe(expected);
  });
});

describe("throws for", () => {
  test.each<[string, unknown]>([
    ["no object", "policy"],
    ["no statement", { Version: "2012-10-17", Statement: [] }],
    ["an unknown version", { Version: "2020-01-01", Statement: [statement()] }],
    ["an element that IAM does not know", policy(statement({ Effekt: "Deny" }))],
    ["an effect in another case", policy(statement({ Effect: "allow" }))],
    ["a statement without action", policy({ Effect: "Allow", Resource: ARN })],
    ["a statement without resource", policy({ Effect: "Allow", Action: "*" })],
    ["both Resource and NotResource", policy(statement({ NotResource: ARN }))],
    ["a principal, which an authorizer's policy cannot have", policy(statement({ Principal: "*" }))],
    ["a resource that is no ARN", policy(statement({ Resource: "orders" }))],
    ["an empty list of resources", policy(statement({ Resource: [] }))],
    ["a policy variable", policy(statement({ Resource: `${ARN}/\${aws:username}` }))],
    ["an operator that is not known", policy(statement({ Condition: { IpAdress: { "aws:SourceIp": "0.0.0.0/0" } } }))],
    ["a name of every object", policy(statement({ Condition: { constructor: { "aws:SourceIp": "x" } } }))],
    ["a key that is not known", policy(statement({ Condition: { StringEquals: { "aws:SourceIP4": "x" } } }))],
    ["a range that is none", policy(statement({ Condition: { IpAddress: { "aws:SourceIp": "office" } } }))],
    ["a date that is none", policy(statement({ Condition: { DateLessThan: { "aws:CurrentTime": "tomorrow" } } }))],
    ["a number that is none", policy(statement({ Condition: { NumericEquals: { "aws:EpochTime": "soon" } } }))],
    [
      "a mistake in a statement that does not matter",
      policy(statement(), statement({ Resource: `${ARN}/x`, Condition: { X: { "aws:SourceIp": "x" } } })),
    ],
  ])("%s", (_, document) => {
    expect(() => judge(document, CONTEXT)).toThrow(PolicyError);
  });
});

describe("a resource policy", () => {
  const evaluateResource = (overrides: object, resource = ARN) =>
    evaluate(policy(statement({ Principal: "*", ...overrides })), { resource, context: {} }, "resource").effect;

  test("must have the principal *, and may shorten the ARN of its own API", () => {
    expect(evaluateResource({})).toBe("allow");
    expect(evaluateResource({ Principal: { AWS: "*" }, Resource: "execute-api:/prod/GET/*" })).toBe("allow");
    expect(evaluateResource({ Resource: "execute-api:/test/*" })).toBe("implicit-deny");
  });

  test("is refused without a principal, or with an IAM principal", () => {
    expect(() => evaluateResource({ Principal: undefined })).toThrow(PolicyError);
    expect(() => evaluateResource({ Principal: { AWS: "arn:aws:iam::123456789012:root" } })).toThrow(PolicyError);
  });
});
