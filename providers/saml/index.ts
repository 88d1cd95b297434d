import type { SamlConfig } from "../../shared/domain/config/saml.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import type { Provider } from "../provider.ts";
import { authenticated, type Verdict, verdictOf } from "../verdict.ts";
import { AssertionCache, digestOf } from "./assertion-cache.ts";
import { type ReplayStore, replayStoreOf } from "./replay.ts";
import type { VerifiedAssertion } from "./verify.ts";
import { decodeCredential } from "./xml/decode.ts";
import { scanXml } from "./xml/scan.ts";

/** External services of the provider. */
export interface SamlDependencies {
  /** Fetches metadata. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Opens the store of used assertions. Called for the first assertion that may be used once, which loads the AWS
   * SDK.
   */
  readonly openStore?: (table: string) => Promise<ReplayStore>;
}

/** Opens a DynamoDB table of used assertions. */
export const openReplayStore = async (table: string): Promise<ReplayStore> =>
  replayStoreOf((await import("../used-once.ts")).dynamoDbUsedOnceStore(table));

/**
 * The provider of SAML assertions, for `createAuthorizer` of `sallyport/core`.
 *
 * @param dependencies a store of used assertions that replaces the DynamoDB table of the configuration
 */
export const saml = (
  { saml: config }: Config,
  { openReplayStore: openStore = openReplayStore }: { readonly openReplayStore?: SamlDependencies["openStore"] } = {},
): Provider | undefined => config && samlProvider(config, { openStore });

/**
 * Creates the provider of SAML 2.0 assertions as bearer credentials (RFC 7522 section 3): a Response or a bare
 * Assertion of a configured identity provider. Length, encoding and markup are checked before the XML parser is
 * loaded. The results are cached by the digest of the credential.
 */
export function samlProvider(
  config: SamlConfig,
  { fetch = globalThis.fetch, openStore = openReplayStore }: SamlDependencies = {},
): Provider {
  const cache = new AssertionCache();
  const verifier = openedOnce(async () => (await import("./verifier.ts")).createVerifier(config, fetch));
  const opened = openedOnce(() => openStore(config.replayTable ?? ""), "replay_store_unavailable");

  async function verify(value: string, request: AuthorizationRequest, signal: AbortSignal): Promise<Verdict> {
    demand(value.length <= config.maxLength, "credential_too_large");
    const digest = digestOf(value);
    const cached = cache.find(digest, request.time);
    if (cached && (await (await verifier()).isCurrent(cached))) return verdictOn(cached);

    const text = decodeCredential(value, config.maxInflatedLength);
    scanXml(text);
    const { verified } = await (await verifier()).verify(text, request);
    const once = verified.oneTimeUse || verified.entry.replay === "once";
    if (once) await recordUse(verified, request, signal);
    // One that names the caller's address is checked against the address of every request.
    else if (!verified.principal.addresses) cache.add(digest, verified, request.time);
    return verdictOn(verified);
  }

  /** The last check: an assertion that is refused for another reason is not recorded as used. */
  async function recordUse(
    { entry, id, usableUntil }: VerifiedAssertion,
    request: AuthorizationRequest,
    signal: AbortSignal,
  ): Promise<void> {
    demand(config.replayTable !== undefined, "assertion_condition_unknown");
    demand(!request.cache, "assertion_once_cached");
    const first = await (await opened()).record({ issuer: entry.issuer, id, expiresAt: usableUntil }, signal);
    demand(first, "assertion_replayed");
  }

  return {
    name: "saml",
    // The base64 of a text that begins with `<` begins with `P` and one of these letters. A JWT contains a dot.
    recognises: ({ scheme, value }) =>
      scheme === "saml" || (scheme === "bearer" && /^P[A-P]/.test(value) && !value.slice(0, 4096).includes(".")),
    verify: ({ value }, request, signal) => verify(value, request, signal).catch(verdictOf),
  };
}

const verdictOn = ({ principal, isOutOfDates }: VerifiedAssertion) =>
  authenticated(principal, isOutOfDates ? ["certificate_out_of_dates"] : []);
