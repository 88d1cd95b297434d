import { type ClientResponse, type GatewayRequest, mapsOf, type Pairs } from "../request.ts";

/** Headers of a backend that API Gateway renames (developer guide, "Important notes"). */
const REMAPPED =
  /^(authorization|connection|content-length|content-md5|date|expect|host|max-forwards|proxy-authenticate|server|trailer|upgrade|user-agent|www-authenticate)$/i;

/**
 * Converts a function's result into the response of a Lambda proxy integration (developer guide, "Output format of a
 * Lambda function for proxy integration").
 *
 * @returns undefined if the function's result is not in that format: the client gets 502
 */
export function proxyResponse(result: unknown, request: GatewayRequest): ClientResponse | undefined {
  const {
    statusCode,
    headers,
    multiValueHeaders,
    body = "",
    isBase64Encoded = false,
    ...rest
  } = Object(result) as Record<string, unknown>;
  const known = Object.keys(rest).every((name) => name === "statusDescription" || name === "cookies");
  if (!Number.isInteger(Number(statusCode)) || statusCode === undefined || !known || typeof body !== "string")
    return undefined;
  return {
    status: Number(statusCode),
    headers: [
      ["x-amzn-RequestId", request.requestId],
      ["x-amz-apigw-id", request.extendedId],
      ...contentType(headers, multiValueHeaders),
      ...headersIn(headers, multiValueHeaders).map(([name, value]): [string, string] => [
        REMAPPED.test(name) ? `x-amzn-Remapped-${name}` : name,
        value,
      ]),
    ],
    body: isBase64Encoded === true ? Buffer.from(body, "base64") : body,
  };
}

function headersIn(single: unknown, multiple: unknown): Pairs {
  const all = Object.entries(Object(multiple) as Record<string, unknown[]>).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, String(value)]),
  );
  const { multiple: named } = mapsOf(all.map(([name, value]) => [name.toLowerCase(), value]));
  const others = Object.entries(Object(single) as Record<string, unknown>)
    .filter(([name]) => !Object.hasOwn(named, name.toLowerCase()))
    .map(([name, value]): [string, string] => [name, String(value)]);
  return [...others, ...all];
}

function contentType(single: unknown, multiple: unknown): Pairs {
  const named = headersIn(single, multiple).some(([name]) => name.toLowerCase() === "content-type");
  return named ? [] : [["Content-Type", "application/json"]];
}
