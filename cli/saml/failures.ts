import { MetadataError } from "../../providers/saml/metadata.ts";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";

/**
 * Runs an action on a message or metadata.
 *
 * @throws {Failure} if the message, metadata or a certificate cannot be used
 */
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
  if (error instanceof Refusal) return `This would be refused: ${error.reason}. See docs/reasons.md.`;
  // An error of OpenSSL: a certificate cannot be read.
  return typeof Object(error).code === "string" ? errorText(error) : undefined;
}
