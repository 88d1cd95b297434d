import type {
  APIGatewayAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
  AppSyncAuthorizerResult,
} from "aws-lambda";
import type { CallerContext } from "../../../shared/domain/caller/context.ts";
import type { CacheSettings } from "../../../shared/domain/config/cache.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import type { Allowed, Denied, Unauthenticated } from "../../../shared/domain/decision.ts";
import type { UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";

export type AuthorizerResponse =
  | APIGatewayAuthorizerResult
  | APIGatewaySimpleAuthorizerWithContextResult<CallerContext>
  | AppSyncAuthorizerResult<CallerContext>;

/** A kind of API: how its events are read, and what it is answered. One function serves them all. */
export interface ApiKind {
  /** Name in the log. */
  readonly name: "rest-token" | "rest-request" | "http-1.0" | "http-2.0" | "websocket" | "appsync";
  /** Whether an event is of this kind, by members that no caller can write. */
  readonly recognises: (event: UnknownObject) => boolean;
  /**
   * @param time seconds since the epoch
   * @param cache what the function says of the cache of its authorizers
   * @throws {TroubleError} `event_not_supported` if the event is damaged: it is not the caller's fault, and no caller
   * may be refused for it
   */
  readonly read: (event: UnknownObject, time: number, config: Config, cache: CacheSettings) => AuthorizationRequest;
  /**
   * The answer to a decision.
   *
   * @throws {UnauthorizedError} where this kind of API refuses an unknown caller by an error
   * @throws {TroubleError} `policy_too_large` where the answer would exceed what the API takes
   */
  readonly respond: (
    decision: Allowed | Denied | Unauthenticated,
    request: AuthorizationRequest,
    config: Config,
  ) => AuthorizerResponse;
}
