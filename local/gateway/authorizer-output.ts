import { evaluate } from "../../iam/evaluate.ts";

/** An authorizer's output that API Gateway accepts. */
export interface AuthorizerOutput {
  readonly principalId: string;
  readonly policyDocument: unknown;
  readonly context: Readonly<Record<string, string | number | boolean>>;
  readonly usageIdentifierKey?: string;
}

/** The output is none that API Gateway accepts: a failure of the authorizer, and 500. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** Bytes of a result (Service Quotas L-20859C74). */
const MAX_LENGTH = 8192;

/** Longest resource in a policy. */
const MAX_RESOURCE = 512;

/**
 * Checks a policy output (API Gateway developer guide, "Output from an API Gateway Lambda authorizer"): a principal, a policy that can be read, and a context of texts, numbers and booleans.
 *
 * @throws {OutputError}
 */
export function checkOutput(value: unknown, limited = true): AuthorizerOutput {
  const { principalId, policyDocument, context = {}, usageIdentifierKey } = Object(value) as Record<string, unknown>;
  if (typeof principalId !== "string" || principalId === "") throw new OutputError("it has no principalId");
  if (limited && Buffer.byteLength(JSON.stringify(value)) > MAX_LENGTH) throw new OutputError("it is larger than 8 KB");
  try {
    // Whether it can be read does not depend on the request.
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
