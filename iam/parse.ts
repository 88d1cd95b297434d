import { PolicyError } from "./policy-error.ts";

/** A statement with its elements as lists, and its index in the document. */
export interface ParsedStatement {
  readonly index: number;
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: Match;
  readonly resources: Match;
  readonly conditions: readonly ParsedCondition[];
}

/** At least one pattern must match; if `negated` (`NotAction`, `NotResource`), none may match. */
export interface Match {
  readonly patterns: readonly string[];
  readonly negated: boolean;
}

/** One key of a condition: `values` are alternatives. */
export interface ParsedCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** `identity` for a caller's policy, which an authorizer returns; `resource` for an API's resource policy. */
export type PolicyKind = "identity" | "resource";

const ELEMENTS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/**
 * Reads a policy document by the grammar of IAM (IAM user guide, "Grammar of the IAM JSON policy language").
 *
 * @param kind an `identity` policy must not name a principal, a `resource` policy must
 * @throws {PolicyError} if the document breaks the grammar
 */
export function parsePolicy(document: unknown, kind: PolicyKind): ParsedStatement[] {
  const { Version, Statement, Id: _, ...rest } = object(document, "the policy");
  refuseRest(rest, "the policy");
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") {
    throw new PolicyError("Version must be 2012-10-17 or 2008-10-17.");
  }
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0) throw new PolicyError("The policy has no statement.");
  return statements.map((statement, index) => parseStatement(statement, index, kind));
}

function parseStatement(value: unknown, index: number, kind: PolicyKind): ParsedStatement {
  const where = `statement ${index}`;
  const statement = object(value, where);
  const { Sid, Effect, Condition = {}, Principal, NotPrincipal } = statement;
  const allowed = kind === "resource" ? [...ELEMENTS, "Principal"] : ELEMENTS;
  refuseRest(Object.fromEntries(Object.entries(statement).filter(([name]) => !allowed.includes(name))), where);
  if (Effect !== "Allow" && Effect !== "Deny")
    throw new PolicyError(`Effect of ${where} must be exactly Allow or Deny.`);
  if (kind === "resource" && (Principal === undefined || NotPrincipal !== undefined)) {
    throw new PolicyError(`A resource policy needs a Principal (${where}).`);
  }
  if (kind === "resource" && Principal !== "*" && Object(Principal).AWS !== "*") {
    throw new PolicyError(`Principals other than * need IAM authorization, which is not supported (${where}).`);
  }
  return {
    index,
    ...(typeof Sid === "string" && { sid: Sid }),
    effect: Effect,
    actions: match(statement, "Action", where),
    resources: match(statement, "Resource", where),
    conditions: Object.entries(object(Condition, `Condition of ${where}`)).flatMap(([operator, keys]) =>
      Object.entries(object(keys, `${operator} of ${where}`)).map(([key, values]) => ({
        operator,
        key,
        values: texts(values, `${operator} ${key} of ${where}`),
      })),
    ),
  };
}

function match(statement: Readonly<Record<string, unknown>>, name: string, where: string): Match {
  const [positive, negative] = [statement[name], statement[`Not${name}`]];
  if ((positive === undefined) === (negative === undefined)) {
    throw new PolicyError(`${where} must have either ${name} or Not${name}.`);
  }
  const patterns = texts(positive ?? negative, `${name} of ${where}`);
  const variable = patterns.find((pattern) => pattern.includes("$" + "{"));
  if (variable !== undefined) throw new PolicyError(`Policy variables are not supported: ${variable}`);
  return { patterns, negated: negative !== undefined };
}

/** One value or several, each a text, a number or a boolean. */
function texts(value: unknown, where: string): string[] {
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new PolicyError(`${where} is empty.`);
  return values.map((item) => {
    if (typeof item !== "string" && typeof item !== "number" && typeof item !== "boolean") {
      throw new PolicyError(`${where} must contain only text, numbers and booleans.`);
    }
    return String(item);
  });
}

function object(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PolicyError(`${where} is no object.`);
  return value as Readonly<Record<string, unknown>>;
}

function refuseRest(rest: object, where: string): void {
  const [name] = Object.keys(rest);
  if (name !== undefined) throw new PolicyError(`${where} has the unknown element ${name}`);
}
