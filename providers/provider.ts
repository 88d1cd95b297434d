import type { Config } from "../shared/domain/config/schema.ts";
import type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";
import type { Credential } from "../shared/domain/request/credential.ts";
import type { Verdict } from "./verdict.ts";

/** Verifies one kind of credential. */
export interface Provider {
  /** Name of the provider in rules, logs and metrics. */
  readonly name: string;
  /**
   * Whether this provider is responsible for the credential. It looks at scheme and shape only, without I/O,
   * cryptography or a parser, in linear time. The first provider that returns true verifies the credential; no other
   * provider does, even if the verification fails.
   */
  recognises(credential: Credential): boolean;
  /**
   * Verifies the credential. The promise resolves with a verdict for every input. If it rejects, the verdict is
   * `unavailable` with the reason `provider_failed`.
   *
   * @param signal aborted shortly before the function's timeout
   */
  verify(credential: Credential, request: AuthorizationRequest, signal: AbortSignal): Promise<Verdict>;
}

/** Creates a provider from its section of the configuration. Returns undefined if there is no such section. */
export type ProviderFactory = (config: Config) => Provider | undefined;
