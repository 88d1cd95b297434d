/** The parts of the MCP TypeScript SDK that tests use, by the packages of this folder. */
export { discoverOAuthServerInfo, UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
export { ClientCredentialsProvider } from "@modelcontextprotocol/sdk/client/auth-extensions.js";
export { Client } from "@modelcontextprotocol/sdk/client/index.js";
export { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
