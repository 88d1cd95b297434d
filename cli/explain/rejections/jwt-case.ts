import type { Claims } from "../../../providers/jwt/compact.ts";
import type { JwtConfig, JwtIssuer } from "../../../shared/domain/config/jwt.ts";
import type { UnknownObject } from "../../../shared/domain/object/unknown-object.ts";

/** A token that was rejected, read and not believed. */
export interface RejectedToken {
  readonly header: UnknownObject;
  readonly payload: Claims;
}

/** What is known of a rejection of a JWT. */
export interface TokenCase extends RejectedToken {
  readonly reason: string;
  readonly config: JwtConfig;
  /** The entry of the token's issuer. */
  readonly entry: JwtIssuer;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly fetched: FetchedKeys;
}

/** The JSON documents that the authorizer fetched while it decided, by their addresses. */
export type FetchedKeys = ReadonlyMap<string, UnknownObject>;
