import * as v from "valibot";
import { DEFAULT_CLOCK_TOLERANCE, MAX_CLOCK_TOLERANCE } from "../time/clock-tolerance.ts";
import { isSecureUrl, seconds, text } from "./common.ts";
import { ASYMMETRIC } from "./jwt.ts";
import { secretSource } from "./secret.ts";

/** What a URL can match in its normalized spelling: no wildcard is one. */
const ORIGIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/;

const origin = v.pipe(
  v.string(),
  v.check(
    (value) => ORIGIN.test(value) && isSecureUrl(value) && URL.parse(value)?.origin === value,
    "an https origin without a path, such as https://api.example.com (http only on a loopback address)",
  ),
);

const section = v.strictObject({
  /**
   * Origins of the URLs by which clients call the API: scheme, host, and a port if it is not the default one. A proof's
   * `htu` must be one of them with the path of the request, stage or base path included. `Host` and forwarded headers
   * are never read: callers write them.
   *
   * @example ["https://api.example.com"]
   */
  origins: v.pipe(v.array(origin), v.minLength(1)),
  /** Name or ARN of the DynamoDB table that records used proofs, so that each is accepted once. */
  replayTable: text,
  /**
   * Accepted values of a proof's `alg` header. Default: `ES256`, `ES384`, `ES512`, `EdDSA`, `Ed25519`, `PS256` and
   * `RS256`.
   *
   * @example ["ES256"]
   */
  algorithms: v.optional(v.pipe(v.array(v.picklist(ASYMMETRIC)), v.minLength(1)), [
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
    "PS256",
    "RS256",
  ]),
  /** Seconds since a proof's `iat` after which it is refused, 1 to 600. Default: 60. */
  maxAge: v.optional(seconds(1, 600), 60),
  /**
   * Seconds by which a proof's `iat` may lie in the future, 0 to 300: clients' clocks are less exact than issuers'.
   * Default: 30.
   */
  clockTolerance: v.optional(seconds(0, MAX_CLOCK_TOLERANCE), DEFAULT_CLOCK_TOLERANCE.dpop),
  /**
   * Nonces of the server (RFC 9449 sections 8 and 9): every proof must have one that it has given out lately, so that no
   * proof can be made in advance. For REST APIs, whose gateway response `ACCESS_DENIED` tells clients the nonce; the
   * clients of HTTP APIs need another way to it. Default: proofs need no nonce.
   */
  nonce: v.optional(
    v.strictObject({
      /** The place of a secret of at least 16 bytes, the same for all functions that verify proofs. */
      secret: secretSource,
      /**
       * Seconds for which a nonce is given out, 30 to 3600. It is accepted for as long again. Default: 300.
       */
      lifetime: v.optional(seconds(30, 3600), 300),
    }),
  ),
});

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface DpopSchema extends Section {}
export const dpopConfig: DpopSchema = section;

export type DpopConfig = v.InferOutput<typeof dpopConfig>;
