import { TroubleError } from "../reasons/errors.ts";

/**
 * The parts of `arn:{partition}:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}` (API Gateway developer
 * guide, "Control access for invoking an API"). A policy takes its partition, region, account, API and stage only
 * from here.
 */
export interface ResourceArn {
  /** Everything up to and including the API ID: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234`. */
  readonly api: string;
  /** Stage name; `$default` on an HTTP API without one. */
  readonly stage: string;
  /** Method of a request; `$connect` for a WebSocket. */
  readonly method: string;
  /** Path with its leading slash, as the caller sent it; empty for a WebSocket. */
  readonly path: string;
}

// A method is a token (RFC 9110 section 5.6.2) without the characters that have a meaning in a policy.
const METHOD_ARN =
  /^(arn:aws(?:-[a-z]+)*:execute-api:[a-z0-9-]{1,32}:\d{12}:[A-Za-z0-9]{1,32})\/([A-Za-z0-9_-]{1,128}|\$default)\/(?:([A-Za-z0-9!#%&'+.^_`|~-]{1,64})(\/.*)|\$connect)$/s;

/** Longest method ARN that API Gateway passes to an authorizer, in bytes. */
const MAX_METHOD_ARN_LENGTH = 1600;

/** The only route of a WebSocket API that has an authorizer. */
export const CONNECT = "$connect";

/**
 * Parses a `methodArn` or `routeArn`.
 *
 * @throws {TroubleError} `event_not_supported` if the value is not such an ARN
 */
export function resourceFrom(value: unknown): ResourceArn {
  const text = typeof value === "string" && value.length <= MAX_METHOD_ARN_LENGTH && value.isWellFormed() ? value : "";
  const [, api, stage, method = CONNECT, path = ""] = METHOD_ARN.exec(text) ?? [];
  if (!api || !stage) throw new TroubleError("event_not_supported");
  return { api, stage, method, path };
}

/** ARN of a method and path on the stage of `arn`. Both may contain wildcards. */
export function resourceOnStage(arn: ResourceArn, method: string, path: string): string {
  return `${arn.api}/${arn.stage}/${method}${path}`;
}

/** ARN of the whole stage of `arn`. Used for denials only. */
export function wholeStage(arn: ResourceArn): string {
  return `${arn.api}/${arn.stage}/*`;
}
