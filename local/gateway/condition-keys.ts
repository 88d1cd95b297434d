import { type GatewayRequest, valuesOf, vpcEndpointOf } from "./request.ts";

/**
 * The condition keys of a request (API Gateway developer guide, "AWS condition keys that can be used in API Gateway
 * resource policies").
 */
export function conditionKeys(request: GatewayRequest): Record<string, string> {
  const agent = valuesOf(request.headers, "user-agent").at(-1);
  const referer = valuesOf(request.headers, "referer").at(-1);
  const endpoint = vpcEndpointOf(request);
  return {
    "aws:currenttime": new Date(request.time).toISOString(),
    "aws:epochtime": String(Math.floor(request.time / 1000)),
    "aws:securetransport": "true",
    ...(endpoint === undefined
      ? { "aws:sourceip": request.sourceIp }
      : { "aws:vpcsourceip": request.sourceIp, "aws:sourcevpce": endpoint }),
    ...(agent !== undefined && { "aws:useragent": agent }),
    ...(referer !== undefined && { "aws:referer": referer }),
  };
}
