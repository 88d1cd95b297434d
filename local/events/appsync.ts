import type { AppSyncAuthorizerEvent } from "aws-lambda";
import { ACCOUNT } from "./arn.ts";
import { API, headersOf, type LocalRequest, REQUEST_ID } from "./request.ts";

/** The event of an AppSync API (AppSync developer guide, "Authorization and authentication"). It has no address. */
export function appSyncEvent(request: LocalRequest): AppSyncAuthorizerEvent & { requestHeaders: object } {
  return {
    authorizationToken: request.headers.Authorization ?? "",
    requestContext: {
      apiId: API,
      accountId: ACCOUNT,
      requestId: REQUEST_ID,
      queryString: "query Orders { orders { id } }",
      operationName: "Orders",
      variables: {},
    },
    requestHeaders: Object.fromEntries(
      Object.entries(headersOf(request)).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  };
}
