import { type GatewayRequest, valuesOf } from "./request.ts";

/**
 * The condition keys of a request (API Gateway developer guide, "AWS condition keys that can be used in API Gateway
 * resource policies").
 */
export function conditionKeys(request: GatewayRequest): Record<string, string> {
  const agent = valuesOf(request.headers, "user-agent").at(-1);
  const referer = valuesOf(request.headers, "referer").at(-1);
  return {
    "aws:currenttime": new Date(request.time).toISOString(),
    "aws:epochtime": String(Math.floor(request.time / 1000)),
    "aws:securetransport": "true",
    "aws:sourceip": request.sourceIp,
    ...(agent !== undefined && { "aws:useragent": agent }),
    ...(referer !== undefined && { "aws:referer": referer }),
  };
}
