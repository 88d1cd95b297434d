import type { Config } from "../shared/domain/config/schema.ts";
import type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";
import type { Credential } from "../shared/domain/request/credential.ts";
import type { Verdict } from "./verdict.ts";

/** Verifies one kind of credential. */
export interface Provider {
  /** Name by which rules, logs and metrics call the provider. */
  readonly name: string;
  /**
   * Whether this provider is responsible for the credential: by its scheme and shape alone, without I/O, cryptography or a
   * parser, in time linear in the value. The first provider that says yes owns the credential, however the verification ends.
   */
  recognises(credential: Credential): boolean;
  /**
   * Says what the credential proves. Resolves with a verdict for every input; a rejection of the promise is a defect and is
   * treated as trouble.
   *
   * @param signal aborted shortly before the function's timeout
   */
  verify(credential: Credential, request: AuthorizationRequest, signal: AbortSignal): Promise<Verdict>;
}

/** Makes a provider of its section of the configuration; undefined if there is no such section. */
export type ProviderFactory = (config: Config) => Provider | undefined;
