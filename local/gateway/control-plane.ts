import { stageArn } from "../events/arn.ts";
import type { Api } from "./api.ts";
import type { ClientResponse } from "./request.ts";

/** A gateway whose cached outputs of a stage can be removed. */
export interface Flushable {
  flush(stageArn: string): void;
}

/**
 * Answers the two AWS calls that remove cached policies: `FlushStageAuthorizersCache` (REST, 202) and
 * `ResetAuthorizersCache` (HTTP, 204). `AWS_ENDPOINT_URL_API_GATEWAY` and `AWS_ENDPOINT_URL_APIGATEWAYV2` direct SDK
 * clients here. An API is named by its id or its logical id.
 *
 * @returns undefined for any other request
 */
export function controlPlane(
  method: string,
  path: string,
  apis: readonly Api[],
  cache: Flushable,
): ClientResponse | undefined {
  const [, rest, restStage] = /^\/restapis\/([^/]+)\/stages\/([^/]+)\/cache\/authorizers$/.exec(path) ?? [];
  const [, http, httpStage] = /^\/v2\/apis\/([^/]+)\/stages\/([^/]+)\/cache\/authorizers$/.exec(path) ?? [];
  const kind = rest ? "rest" : http ? "http" : undefined;
  if (method !== "DELETE" || !kind) return undefined;
  const [id, stage] = [rest ?? http ?? "", decodedStage(restStage ?? httpStage ?? "")];
  const api = apis.find((each) => each.kind === kind && (each.id === id || each.name === id) && each.stage === stage);
  if (!api) {
    return {
      status: 404,
      headers: [
        ["Content-Type", "application/json"],
        ["x-amzn-ErrorType", "NotFoundException"],
      ],
      body: '{"message":"Invalid stage identifier specified"}',
    };
  }
  cache.flush(stageArn(api));
  return { status: kind === "rest" ? 202 : 204, headers: [], body: "" };
}

/** The name of a stage; undefined if it is not percent-encoded as a URL is. */
function decodedStage(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
