/** Types of what `sdk.mjs` exports, as far as tests use it: a check of types needs no packages of this folder. */

interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly scope?: string;
}

/** `OAuthClientProvider` of the SDK. */
export interface OAuthClientProvider {
  readonly redirectUrl: string | undefined;
  readonly clientMetadata: { readonly redirect_uris: readonly string[]; readonly scope?: string };
  clientInformation(): { readonly client_id: string; readonly issuer?: string } | undefined;
  tokens(): Tokens | undefined;
  saveTokens(tokens: Tokens): void;
  redirectToAuthorization(url: URL): void | Promise<void>;
  saveCodeVerifier(verifier: string): void;
  codeVerifier(): string;
}

export class UnauthorizedError extends Error {}

export function discoverOAuthServerInfo(server: URL, options?: { resourceMetadataUrl?: URL }): Promise<object>;

declare const provider: new (options: {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly expectedIssuer: string;
  readonly scope?: string;
}) => OAuthClientProvider;
export class ClientCredentialsProvider extends provider {}

export class StreamableHTTPClientTransport {
  constructor(url: URL, options: { readonly authProvider: OAuthClientProvider });
  finishAuth(code: string): Promise<void>;
}

export class Client {
  constructor(information: { readonly name: string; readonly version: string });
  connect(transport: StreamableHTTPClientTransport): Promise<void>;
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  callTool(call: { readonly name: string }): Promise<{ readonly content: unknown }>;
  close(): Promise<void>;
}
