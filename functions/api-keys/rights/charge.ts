import { ProblemError } from "../http/problem.ts";
import type { Call } from "../operations/call.ts";

/**
 * Takes a change that gives something from the budget of the caller's tenant. Operators have no budget.
 *
 * @throws {ProblemError} `too-many-changes`
 */
export async function charge({ administrator: { limits }, budget, time }: Call): Promise<void> {
  if (!limits) return;
  const wait = await budget.take(limits.tenant, time);
  if (wait === 0) return;
  const detail = "Your tenant has made its changes of this time. Suspending, revoking and deleting is always possible.";
  throw new ProblemError("too-many-changes", detail, { headers: { "Retry-After": String(wait) } });
}
