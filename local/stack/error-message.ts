import { ConfigurationError } from "../../shared/domain/config/configuration-error.ts";
import { StackError } from "../gateway/stack-error.ts";

/** An error as `npm start` prints it: the message of one that its user can mend, and else the whole error. */
export function errorMessage(error: unknown): unknown {
  return error instanceof StackError || error instanceof ConfigurationError ? error.message : error;
}
