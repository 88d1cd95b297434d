import type { ClientResponse, GatewayRequest, Pairs } from "../request.ts";

/**
 * Converts a function's result into the response of an HTTP API (API Gateway developer guide, "Working with AWS Lambda
 * proxy integrations for HTTP APIs"). A result with `statusCode` is a response; any other is sent as JSON.
 *
 * @returns undefined if there is no result, or its status is not a number: the client gets 500
 */
export function integrationResponse(result: unknown, request: GatewayRequest, cors: Pairs): ClientResponse | undefined {
  const { statusCode, headers, cookies = [], body = "", isBase64Encoded } = Object(result) as Record<string, unknown>;
  if (result === undefined) return undefined;
  const id: [string, string] = ["apigw-requestid", request.extendedId];
  if (statusCode === undefined) {
    return { status: 200, headers: [["content-type", "application/json"], id, ...cors], body: JSON.stringify(result) };
  }
  if (!Number.isInteger(Number(statusCode))) return undefined;
  const own = Object.entries(Object(headers) as Record<string, unknown>).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    String(value),
  ]);
  const type: Pairs = own.some(([name]) => name === "content-type")
    ? []
    : [["content-type", "text/plain;charset=UTF-8"]];
  return {
    status: Number(statusCode),
    headers: [
      ...type,
      ...own,
      ...(cookies as string[]).map((cookie): [string, string] => ["set-cookie", cookie]),
      id,
      ...cors,
    ],
    body: isBase64Encoded === true ? Buffer.from(String(body), "base64") : String(body),
  };
}
