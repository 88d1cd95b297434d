import { expect, test } from "vitest";
import { handler } from "../../../functions/whoami/index.ts";
import { contextOf } from "../../../shared/domain/caller/context.ts";
import { callerOf } from "../../fixtures.ts";

const authorizer = contextOf(callerOf());

test("answers with its caller behind every kind of API", async () => {
  for (const requestContext of [{ authorizer }, { authorizer: { lambda: authorizer } }] as object[]) {
    const { statusCode, body } = await handler({ requestContext });
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ subject: "alice", tenant: "acme" });
  }
});

test("answers 500 on a route without the authorizer", async () => {
  expect(await handler({ requestContext: {} })).toMatchObject({ statusCode: 500 });
});

test("chooses a WebSocket sub-protocol, and never returns a credential", async () => {
  const headers = { "Sec-WebSocket-Protocol": "sallyport.bearer.abc, graphql-ws, sallyport" };
  const connect = await handler({ headers, requestContext: { eventType: "CONNECT", authorizer } as never });
  expect(connect.headers).toMatchObject({ "Sec-WebSocket-Protocol": "graphql-ws" });
  const only = { "sec-websocket-protocol": "sallyport.bearer.abc" };
  const none = await handler({ headers: only, requestContext: { eventType: "CONNECT", authorizer } as never });
  expect(none.headers).not.toHaveProperty("Sec-WebSocket-Protocol");
});
