import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { ProblemError } from "../http/problem.ts";

/** Whether an error says that a record cannot be read. */
export const isDamage = (error: unknown): boolean =>
  error instanceof TroubleError && error.reason === "entitlement_record_invalid";

export const noRecord = (): ProblemError => new ProblemError("not-found", "There is no record of this name.");
