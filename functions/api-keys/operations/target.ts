import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { isKeyId } from "../../../shared/domain/principal/key-id.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { ProblemError } from "../http/problem.ts";
import type { Call } from "./call.ts";

/**
 * The key that a request names. A key of another tenant, or of another environment that shares the table, is not there:
 * the answer does not tell it from an id that nobody has.
 *
 * @throws {ProblemError} `not-found`, or `key-damaged` to operators
 */
export async function targetOf(call: Call): Promise<KeyRecord> {
  const { request, table, config, administrator } = call;
  // A whole key in the path is not looked up.
  if (!isKeyId(request.id)) throw notFound();
  const record = await read(call).catch((error: unknown) => {
    if (!isDamage(error)) throw error;
    // Whose key it is cannot be told.
    throw administrator.limits ? notFound() : new ProblemError("key-damaged", "It can still be revoked.");
  });
  const isVisible =
    record?.environment === config.environment &&
    (administrator.limits === undefined || record.tenant === administrator.limits.tenant);
  if (!isVisible) throw notFound();
  return record;

  async function read({ request: { id } }: Call) {
    return (await table.get(id, new AbortController().signal)).record;
  }
}

export const isDamage = (error: unknown): boolean =>
  error instanceof TroubleError && error.reason === "key_record_invalid";

export const notFound = (): ProblemError => new ProblemError("not-found", "No key with this id can be shown to you.");
