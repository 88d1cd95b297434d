import { type JwtConfig, type JwtIssuer, signsTokens } from "../../shared/domain/config/jwt.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";
import { bindingOf } from "../confirmation/binding.ts";
import { type ConfirmationDependencies, confirmationOf } from "../confirmation/confirmation.ts";
import { isAskedAboutJwts } from "../introspection/token-owner.ts";
import type { Provider } from "../provider.ts";
import { authenticated, type Verdict, verdictOf } from "../verdict.ts";
import { checkClaims, checkTimes, entryFor } from "./claims.ts";
import { readCompact } from "./compact.ts";
import { findSigner } from "./find-signer.ts";
import { keyFilterOf } from "./issuer-entry.ts";
import { createKeySource, type KeySource } from "./key-source.ts";
import { principalOf } from "./principal.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** What the provider reaches the network by, and what it shares with others. */
export interface JwtDependencies extends ConfirmationDependencies {
  readonly fetch?: typeof globalThis.fetch;
}

/** The provider of JWTs, for `createAuthorizer` of `sallyport/core`. */
export const jwt = (
  { jwt: config, dpop }: Config,
  dependencies: Pick<JwtDependencies, "openProofStore"> = {},
): Provider | undefined => config && jwtProvider(config, { ...dependencies, dpop });

/**
 * Verifies JWTs (RFC 7519) of the configured issuers. What refuses a token by its text comes first, then what refuses
 * it by its claims, then its key is looked up and its signature verified; only then is anything of it believed. A
 * token that was verified before is known by its text, as long as it has not ended and the key that verified it is
 * still one of the issuer's. That the request comes from the token's owner is confirmed for every request.
 */
export function jwtProvider(
  config: JwtConfig,
  { fetch = globalThis.fetch, ...confirming }: JwtDependencies = {},
): Provider {
  const sources = new Map<JwtIssuer, KeySource>(
    config.issuers.filter(signsTokens).map((entry) => [entry, createKeySource(entry, fetch)]),
  );
  const verified = new VerifiedTokens();
  const prepareConfirmation = confirmationOf(confirming);
  const server = openedOnce(async () => (await import("../introspection/signed-tokens.ts")).signedTokens(fetch));

  async function verify(credential: Credential, request: AuthorizationRequest, signal: AbortSignal): Promise<Verdict> {
    const { value: text } = credential;
    const { time } = request;
    const known = verified.find(text, time);
    if (known) {
      const confirm = await prepareConfirmation(known.binding, credential, request);
      const keys = await known.source.find(known.kid, known.algorithm, known.mayUse);
      if (keys.includes(known.key)) return authenticated((await confirm?.(known.principal, signal)) ?? known.principal);
    }
    const token = readCompact(text, config.maxLength);
    const { entry, algorithm } = entryFor(token, config);
    // A server that is asked may know claims that the token does not have.
    if (isAskedAboutJwts(entry)) checkTimes(token.payload, entry, time);
    else checkClaims(token.payload, entry, time);
    const { kid } = token.header;
    demand(kid === undefined || (typeof kid === "string" && kid.length <= 256), "token_malformed");
    const source = sources.get(entry);
    demand(source, "token_issuer_unknown");
    const { payload } = token;
    const binding = bindingOf(payload, entry);
    // Only the answer may say what such a token is bound to.
    const isLate = isAskedAboutJwts(entry) && binding.cnf === undefined;
    const confirm = isLate ? undefined : await prepareConfirmation(binding, credential, request);
    const named = { kid, algorithm, mayUse: keyFilterOf(payload, entry) };
    const key = await findSigner(text, named, source);
    if (isAskedAboutJwts(entry)) {
      const { claims, entry: counted, readAt } = await (await server())(token, entry, time);
      const late = confirm ?? (await prepareConfirmation(bindingOf(claims, entry), credential, request));
      const asked = principalOf(claims, counted);
      return { ...authenticated((await late?.(asked, signal)) ?? asked), ...(readAt && { readAt }) };
    }
    const principal = principalOf(payload, entry);
    verified.remember(text, { ...named, source, key, principal, binding, checkedAt: time });
    return authenticated((await confirm?.(principal, signal)) ?? principal);
  }

  return {
    name: "jwt",
    // `ey` is how the base64url of an object begins. Dots make it ours even where the rest is damaged: the owner says
    // what is wrong.
    recognises: ({ scheme, value }) =>
      (scheme === "bearer" || scheme === "dpop") && (value.startsWith("ey") || value.slice(0, 4096).includes(".")),
    verify: (credential, request, signal) => verify(credential, request, signal).catch(verdictOf),
  };
}
