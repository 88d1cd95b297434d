import { isObject } from "../../shared/domain/object/unknown-object.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";

/** The keys that a token is bound to, each as the SHA-256 that its claim `cnf` has. */
export interface BoundKeys {
  /** Of the client certificate's DER (RFC 8705 section 3.1). */
  readonly certificate?: string;
  /** Of the public key's JWK (RFC 9449 section 6.1, RFC 7638). */
  readonly dpopKey?: string;
}

/**
 * Reads a claim `cnf`. A member that is not known could be a condition that nobody checks.
 *
 * @throws {Refusal} `token_confirmation_unsupported`
 */
export function boundKeysOf(cnf: unknown): BoundKeys {
  if (cnf === undefined) return {};
  demand(isObject(cnf), "token_confirmation_unsupported");
  const { "x5t#S256": certificate, jkt: dpopKey, ...unknown } = cnf;
  demand(Object.keys(unknown).length === 0, "token_confirmation_unsupported");
  demand(certificate !== undefined || dpopKey !== undefined, "token_confirmation_unsupported");
  demand(isOptionalHash(certificate) && isOptionalHash(dpopKey), "token_confirmation_unsupported");
  return { ...(certificate !== undefined && { certificate }), ...(dpopKey !== undefined && { dpopKey }) };
}

const isOptionalHash = (value: unknown): value is string | undefined => value === undefined || isHash(value);

/** A SHA-256 in its one base64url spelling. */
const isHash = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(value);
