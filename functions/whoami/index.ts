import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";

/** A protected backend that answers with what the authorizer says of its caller. */
export const handler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => ({
  statusCode: 200,
  headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  body: JSON.stringify(event.requestContext.authorizer ?? {}),
});
