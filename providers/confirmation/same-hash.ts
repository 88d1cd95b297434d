import { createHash, timingSafeEqual } from "node:crypto";

/** The SHA-256 of something in base64url, as `x5t#S256`, `ath` and `jkt` have it. */
export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("base64url");

/** Whether two hashes are the same, in a time that does not depend on where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
