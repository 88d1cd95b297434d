/**
 * `arn:{partition}:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`: the one place from which a policy takes its
 * partition, region, account, API and stage (API Gateway developer guide, "Control access for invoking an API").
 */
export interface ResourceArn {
  /** Everything up to and including the API's id: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234`. */
  readonly api: string;
  /** Stage name; `$default` on an HTTP API without one. */
  readonly stage: string;
  readonly method: string;
  /** Path with its leading slash, as the caller sent it. */
  readonly path: string;
}

const METHOD_ARN =
  /^(arn:aws(?:-[a-z]+)*:execute-api:[a-z0-9-]{1,32}:\d{12}:[A-Za-z0-9]{1,32})\/([A-Za-z0-9_-]{1,128}|\$default)\/([A-Z]{1,16})(\/.*)$/;

/** Longest method ARN that API Gateway passes to an authorizer, in bytes. */
const MAX_METHOD_ARN_LENGTH = 1600;

/** Parts of a `methodArn` or `routeArn`; undefined if it is not one. */
export function parseResourceArn(value: unknown): ResourceArn | undefined {
  if (typeof value !== "string" || value.length > MAX_METHOD_ARN_LENGTH) return undefined;
  const [, api, stage, method, path] = METHOD_ARN.exec(value) ?? [];
  return api && stage && method && path ? { api, stage, method, path } : undefined;
}

/** ARN of a method and path, either of which may hold wildcards, on the stage of `arn`. */
export function resourceOnStage(arn: ResourceArn, method: string, path: string): string {
  return `${arn.api}/${arn.stage}/${method}${path}`;
}

/** Everything on the stage of `arn`. For denials only. */
export function wholeStage(arn: ResourceArn): string {
  return `${arn.api}/${arn.stage}/*`;
}
