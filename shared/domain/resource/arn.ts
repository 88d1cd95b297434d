import { TroubleError } from "../reasons/errors.ts";

/**
 * `arn:{partition}:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`: the one place from which a policy takes its
 * partition, region, account, API and stage (API Gateway developer guide, "Control access for invoking an API").
 */
export interface ResourceArn {
  /** Everything up to and including the API's id: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234`. */
  readonly api: string;
  /** Stage name; `$default` on an HTTP API without one. */
  readonly stage: string;
  /** Method of a request; `$connect` for a WebSocket. */
  readonly method: string;
  /** Path with its leading slash, as the caller sent it; empty for a WebSocket. */
  readonly path: string;
}

// A method is a token (RFC 9110 section 5.6.2) without what means something in a policy; a path may hold any character.
const METHOD_ARN =
  /^(arn:aws(?:-[a-z]+)*:execute-api:[a-z0-9-]{1,32}:\d{12}:[A-Za-z0-9]{1,32})\/([A-Za-z0-9_-]{1,128}|\$default)\/(?:([A-Za-z0-9!#%&'+.^_`|~-]{1,64})(\/.*)|\$connect)$/s;

/** Longest method ARN that API Gateway passes to an authorizer, in bytes. */
const MAX_METHOD_ARN_LENGTH = 1600;

/** The one route of a WebSocket API that an authorizer is asked about. */
export const CONNECT = "$connect";

/**
 * Parts of a `methodArn` or `routeArn`.
 *
 * @throws {TroubleError} `event_not_supported` if it is not one
 */
export function resourceFrom(value: unknown): ResourceArn {
  const text = typeof value === "string" && value.length <= MAX_METHOD_ARN_LENGTH ? value : "";
  const [, api, stage, method = CONNECT, path = ""] = METHOD_ARN.exec(text) ?? [];
  if (!api || !stage) throw new TroubleError("event_not_supported");
  return { api, stage, method, path };
}

/** ARN of a method and path, either of which may hold wildcards, on the stage of `arn`. */
export function resourceOnStage(arn: ResourceArn, method: string, path: string): string {
  return `${arn.api}/${arn.stage}/${method}${path}`;
}

/** Everything on the stage of `arn`. For denials only. */
export function wholeStage(arn: ResourceArn): string {
  return `${arn.api}/${arn.stage}/*`;
}
