import type { SamlConfig } from "../../shared/domain/config/saml.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import type { Provider } from "../provider.ts";
import { authenticated, type Verdict, verdictOf } from "../verdict.ts";
import { AssertionCache, digestOf } from "./assertion-cache.ts";
import type { ReplayStore } from "./replay.ts";
import type { Verifier } from "./verifier.ts";
import type { VerifiedAssertion } from "./verify.ts";
import { decodeCredential } from "./xml/decode.ts";
import { scanXml } from "./xml/scan.ts";

/** What the provider needs of the world around it. */
export interface SamlDependencies {
  readonly fetch?: typeof globalThis.fetch;
  /** Called at the first assertion that may be used once: the AWS SDK is loaded then. */
  readonly openStore?: (table: string) => Promise<ReplayStore>;
}

const openDynamoDb = async (table: string) => (await import("./replay.ts")).dynamoDbReplayStore(table);

/**
 * The provider of SAML assertions, for `createAuthorizer` of `sallyport/core`.
 *
 * @param dependencies another store of used assertions than the table of the configuration
 */
export const saml = (
  { saml: config }: Config,
  { openReplayStore: openStore = openDynamoDb }: { readonly openReplayStore?: SamlDependencies["openStore"] } = {},
): Provider | undefined => config && samlProvider(config, { openStore });

/**
 * Verifies SAML 2.0 assertions as bearer credentials (RFC 7522 section 3): a Response or a bare Assertion of the configured identity
 * providers. Length, encoding and markup are checked before any parser is loaded; one that was verified before is known by its digest.
 */
export function samlProvider(
  config: SamlConfig,
  { fetch = globalThis.fetch, openStore = openDynamoDb }: SamlDependencies = {},
): Provider {
  const seen = new AssertionCache();
  let verifier: Promise<Verifier> | undefined;
  let store: Promise<ReplayStore> | undefined;

  async function verify(value: string, request: AuthorizationRequest, signal: AbortSignal): Promise<Verdict> {
    demand(value.length <= config.maxLength, "credential_too_large");
    const digest = digestOf(value);
    const known = seen.find(digest, request.time);
    if (known && (await (await verifier)?.holds(known))) return verdictOn(known);

    const text = decodeCredential(value, config.maxInflatedLength);
    scanXml(text);
    verifier ??= import("./verifier.ts").then(({ createVerifier }) => createVerifier(config, fetch));
    const verified = await (await verifier).verify(text, request);
    const once = verified.oneTimeUse || verified.entry.replay === "once";
    if (once) await recordUse(verified, request, signal);
    // One that names the caller's address is checked against the address of every request.
    else if (!verified.principal.addresses) seen.remember(digest, verified, request.time);
    return verdictOn(verified);
  }

  /** The last of all checks: what is refused for another reason is not used up. */
  async function recordUse(
    { principal, entry, id, until }: VerifiedAssertion,
    { cache }: AuthorizationRequest,
    signal: AbortSignal,
  ): Promise<void> {
    demand(config.replayTable !== undefined, "assertion_condition_unknown");
    demand(!cache, "assertion_once_cached");
    store ??= openStore(config.replayTable);
    const expiresAt = principal.expiresAt ?? until;
    const first = await (await store).record({ issuer: entry.issuer, id, expiresAt }, signal);
    demand(first, "assertion_replayed");
  }

  return {
    name: "saml",
    // `P` followed by one of these is how the base64 of `<` and a character begins: no other credential does and has no dot.
    recognises: ({ scheme, value }) =>
      scheme === "saml" || (scheme === "bearer" && /^P[A-P]/.test(value) && !value.slice(0, 4096).includes(".")),
    verify: ({ value }, request, signal) => verify(value, request, signal).catch(verdictOf),
  };
}

const verdictOn = ({ principal, isOutOfDates }: VerifiedAssertion) =>
  authenticated(principal, isOutOfDates ? ["certificate_out_of_dates"] : []);
