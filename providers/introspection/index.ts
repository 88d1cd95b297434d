import { prefixesOf } from "../../shared/domain/config/introspection.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";
import { type ConfirmationDependencies, confirmationOf } from "../confirmation/confirmation.ts";
import type { Provider } from "../provider.ts";
import { type Verdict, verdictOf } from "../verdict.ts";
import { type AskedIssuer, opaqueIssuers, tokenOwner } from "./token-owner.ts";

/** What the provider reaches the network by, and what it shares with others. */
export interface IntrospectionDependencies extends ConfirmationDependencies {
  readonly fetch?: typeof globalThis.fetch;
}

/** The provider of opaque tokens, for `createAuthorizer` of `sallyport/core`. It stands before `jwt`. */
export const introspection = (
  config: Config,
  dependencies: Pick<IntrospectionDependencies, "openProofStore"> = {},
): Provider | undefined => introspectionProvider(config, { ...dependencies, dpop: config.dpop });

/**
 * Verifies opaque tokens by asking their issuers' servers (RFC 7662). Length and characters are checked before a server
 * is asked. What asks is loaded with the first token.
 *
 * @returns undefined if no entry is for opaque tokens
 */
export function introspectionProvider(
  config: Config,
  { fetch = globalThis.fetch, ...confirming }: IntrospectionDependencies = {},
): Provider | undefined {
  if (opaqueIssuers(config).length === 0) return undefined;
  const ownerOf = tokenOwner(config);
  const maxLength = config.jwt?.maxLength ?? 0;
  const prepareConfirmation = confirmationOf(confirming);
  const opaque = openedOnce(async () => (await import("./opaque-tokens.ts")).opaqueTokens(fetch, prepareConfirmation));

  async function verify(credential: Credential, request: AuthorizationRequest, signal: AbortSignal): Promise<Verdict> {
    const { value } = credential;
    demand(value.length <= maxLength, "credential_too_large");
    // RFC 6750 section 2.1.
    demand(/^[A-Za-z0-9._~+/-]+=*$/.test(value), "token_malformed");
    const entry = ownerOf(value);
    demand(entry, "token_issuer_unknown");
    return (await opaque())(credential, entry, request, signal);
  }

  return {
    name: "introspection",
    recognises: (credential) => {
      const { scheme, value } = credential;
      const owner = scheme === "bearer" || scheme === "dpop" ? ownerOf(value) : undefined;
      return owner !== undefined && (!isBare(credential) || hasPrefix(owner));
    },
    verify: (credential, request, signal) => verify(credential, request, signal).catch(verdictOf),
  };
}

/**
 * Whether a value in `Authorization` names no scheme. What begins as an issuer says can be meant for it alone; anything
 * else may be of another scheme, and no server is shown it. The value of a TOKEN authorizer needs no scheme.
 */
const isBare = ({ location, value, raw }: Credential): boolean =>
  location.in === "header" && location.name === "authorization" && raw?.trimStart().startsWith(value) === true;

const hasPrefix = (entry: AskedIssuer): boolean => prefixesOf(entry).length > 0;
