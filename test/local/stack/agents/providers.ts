import type { OAuthClientProvider } from "../../../mcp-client/sdk.mjs";

/** A person in front of an MCP client, who agrees to everything: the code is at the end of the redirect. */
export interface Person extends OAuthClientProvider {
  /** Scopes of each request for authorization, in their order. */
  readonly asked: string[];
  /** The code of the last redirect. */
  readonly code: () => string;
}

/** A client that is registered already, with authorization codes. */
export function personWith(issuer: string): Person {
  const asked: string[] = [];
  let [code, verifier] = ["", ""];
  let tokens: ReturnType<OAuthClientProvider["tokens"]>;
  return {
    asked,
    code: () => code,
    redirectUrl: "http://127.0.0.1/callback",
    clientMetadata: { redirect_uris: ["http://127.0.0.1/callback"] },
    clientInformation: () => ({ client_id: "agent", issuer }),
    tokens: () => tokens,
    saveTokens: (saved) => {
      tokens = saved;
    },
    async redirectToAuthorization(url) {
      asked.push(url.searchParams.get("scope") ?? "");
      const { headers } = await fetch(url, { redirect: "manual" });
      code = new URL(headers.get("location") ?? "").searchParams.get("code") ?? "";
    },
    saveCodeVerifier: (saved) => {
      verifier = saved;
    },
    codeVerifier: () => verifier,
  };
}
