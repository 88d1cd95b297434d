import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { pepperOf } from "../../../providers/api-key/hash.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import type { ApiRequest } from "../http/api-request.ts";
import { invalid } from "../http/problem.ts";
import type { Administrator } from "../rights/administrator.ts";
import { mistakeIn } from "../schema/checked.ts";

/** The request's `Idempotency-Key`. @throws {ProblemError} for one that is empty, too long or not printable */
export function idempotencyKeyOf(request: ApiRequest): string | undefined {
  const key = request.header("idempotency-key");
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const allowed = "1 to 255 printable ASCII characters without spaces";
  throw invalid(mistakeIn("header", "Idempotency-Key", key, allowed));
}

/** What a caller's `Idempotency-Key` is remembered by. Two callers may use the same one. */
export const requestIdOf = (key: string, { identity }: Administrator): string =>
  createHash("sha256")
    .update(JSON.stringify([...identity, key]))
    .digest("base64url");

/**
 * What a request is recognised by. A body may hold the value of an API Gateway key, which somebody may have chosen
 * badly: without the pepper, a thief of the table cannot try values.
 */
export async function fingerprintOf(
  { route, id, body, header }: ApiRequest,
  pepper: string,
  config: ApiKeysConfig,
): Promise<string> {
  const hmac = createHmac("sha256", await pepperOf(pepper, config).current());
  hmac.update(JSON.stringify(["request", route, id, header("if-match") ?? ""]));
  return hmac.update(body).digest("base64url");
}

export const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
