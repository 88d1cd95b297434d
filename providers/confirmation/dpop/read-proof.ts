import { isObject, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { demand, Refusal } from "../../../shared/domain/reasons/errors.ts";
import { withoutEdges } from "../../../shared/domain/text/without-edges.ts";
import { readCompact } from "../../jwt/compact.ts";

/** Characters of a proof at most. One with an RSA key of 4096 bits has some 2000. */
const MAX_LENGTH = 4096;
/** Characters of a `jti` at most. */
const MAX_ID_LENGTH = 256;
/** 9999-12-31T23:59:59Z: what a date can be written as. */
const LATEST = 253_402_300_799;

/** A DPoP proof as it was sent: read, and believed in nothing yet. */
export interface UnverifiedProof {
  readonly text: string;
  readonly algorithm: unknown;
  readonly jwk: UnknownObject;
  readonly id: string;
  readonly method: string;
  readonly uri: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** The SHA-256 of the token that it was made for. */
  readonly tokenHash: string;
  readonly claims: UnknownObject;
}

/**
 * Reads the one proof of a request (RFC 9449 sections 4.2 and 4.3).
 *
 * @param values every value of the header `DPoP`. HTTP APIs join several by commas
 * @throws {Refusal} `dpop_proof_missing`, `dpop_proof_ambiguous`, `dpop_proof_malformed`
 */
export function readProof(values: readonly string[]): UnverifiedProof {
  const [value, ...others] = values;
  demand(value !== undefined, "dpop_proof_missing");
  demand(others.length === 0 && !value.includes(","), "dpop_proof_ambiguous");
  const text = withoutEdges(value, " \t");
  const { header, payload } = readJws(text);
  const { typ, alg, jwk } = header;
  demand(typ === "dpop+jwt" && isObject(jwk), "dpop_proof_malformed");
  // What an extension would mean is not known, and so it is not ignored (RFC 7515 section 4.1.11).
  demand(!["crit", "zip", "b64"].some((name) => Object.hasOwn(header, name)), "dpop_proof_malformed");
  const { jti: id, htm: method, htu: uri, iat: issuedAt, ath: tokenHash } = payload;
  demand(isId(id) && typeof method === "string" && typeof uri === "string", "dpop_proof_malformed");
  demand(isDate(issuedAt) && typeof tokenHash === "string", "dpop_proof_malformed");
  return { text, algorithm: alg, jwk, id, method, uri, issuedAt, tokenHash, claims: payload };
}

function readJws(text: string): ReturnType<typeof readCompact> {
  try {
    return readCompact(text, MAX_LENGTH);
  } catch (error) {
    throw error instanceof Refusal ? new Refusal("dpop_proof_malformed") : error;
  }
}

const isId = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH && value.isWellFormed();

/** NumericDate, which may have a fraction (RFC 7519 section 2). */
export const isDate = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= LATEST;
