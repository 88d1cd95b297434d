import { evaluate } from "../../iam/evaluate.ts";

/** An authorizer's output that API Gateway accepts. */
export interface AuthorizerOutput {
  readonly principalId: string;
  readonly policyDocument: unknown;
  readonly context: Readonly<Record<string, string | number | boolean>>;
  readonly usageIdentifierKey?: string;
}

/** API Gateway does not accept the output: the authorizer has failed, and the client gets 500. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** The largest result of an authorizer, in bytes (Service Quotas L-20859C74). */
const MAX_LENGTH = 8192;

/** The longest resource in a policy, in characters. */
const MAX_RESOURCE = 512;

/**
 * Checks an authorizer's output (API Gateway developer guide, "Output from an API Gateway Lambda authorizer"): it has a
 * principal, a policy in IAM's grammar, and a context of strings, numbers and booleans.
 *
 * @param limited whether the limit of 8 KB applies; by default true
 * @throws {OutputError} if the output is not accepted
 */
export function checkOutput(value: unknown, limited = true): AuthorizerOutput {
  const { principalId, policyDocument, context = {}, usageIdentifierKey } = Object(value) as Record<string, unknown>;
  if (typeof principalId !== "string" || principalId === "") throw new OutputError("it has no principalId");
  if (limited && Buffer.byteLength(JSON.stringify(value)) > MAX_LENGTH) throw new OutputError("it is larger than 8 KB");
  try {
    // The request does not matter, because the evaluator checks the whole policy.
    evaluate(policyDocument, { resource: "arn:aws:execute-api:", context: {} });
  } catch (error) {
    throw new OutputError(`its policy cannot be read: ${(error as Error).message}`);
  }
  for (const resource of resourcesIn(policyDocument)) {
    if (resource.length > MAX_RESOURCE) throw new OutputError("a resource has more than 512 characters");
  }
  if (typeof context !== "object" || context === null || Array.isArray(context))
    throw new OutputError("its context is no object");
  for (const [name, item] of Object.entries(context)) {
    if (!["string", "number", "boolean"].includes(typeof item))
      throw new OutputError(`${name} of its context is no text, number or boolean`);
  }
  return {
    principalId,
    policyDocument,
    context: context as AuthorizerOutput["context"],
    ...(typeof usageIdentifierKey === "string" && { usageIdentifierKey }),
  };
}

function resourcesIn(policy: unknown): string[] {
  const { Statement } = Object(policy) as { Statement?: unknown };
  return [Statement].flat().flatMap((statement) => {
    const { Resource = [], NotResource = [] } = Object(statement) as Record<string, string | string[]>;
    return [Resource, NotResource].flat();
  });
}
