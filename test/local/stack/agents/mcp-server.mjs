/** A minimal MCP server behind a Lambda proxy integration: one tool that tells who calls. */
export const handler = async ({ httpMethod, body, requestContext, version }) => {
  if ((httpMethod ?? requestContext.http.method) !== "POST") return { statusCode: 405, body: "" };
  const { id, method, params } = JSON.parse(body);
  if (id === undefined) return { statusCode: 202, body: "" };
  const authorizer = version === "2.0" ? requestContext.authorizer.lambda : requestContext.authorizer;
  const results = {
    initialize: {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "orders", version: "1.0.0" },
    },
    "tools/list": { tools: [{ name: "whoami", inputSchema: { type: "object" } }] },
    "tools/call": { content: [{ type: "text", text: authorizer.subject }] },
  };
  const answer = { jsonrpc: "2.0", id, result: results[method] };
  return { statusCode: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(answer) };
};
