import { MetadataError } from "../../providers/saml/metadata.ts";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";

/** Does something with a message or metadata. @throws {Failure} if they are not as SAML has them */
export async function orFailure<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const text = textOf(error);
    throw text === undefined ? error : new Failure(text, { cause: error });
  }
}

function textOf(error: unknown): string | undefined {
  if (error instanceof MetadataError) return `These metadata cannot be used: ${errorText(error)}.`;
  if (error instanceof Refusal) return `This would be refused: ${error.reason}. docs/reasons.md tells more.`;
  // OpenSSL's, of a certificate that cannot be read.
  return typeof Object(error).code === "string" ? errorText(error) : undefined;
}
