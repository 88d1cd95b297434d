import type { DpopConfig } from "../../shared/domain/config/dpop.ts";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";
import type { Binding } from "./binding.ts";
import type { OpenProofStore } from "./confirmer.ts";

/** What confirms senders. */
export interface ConfirmationDependencies {
  /** How DPoP proofs are checked. Absent: tokens that are bound to a DPoP key are refused. */
  readonly dpop?: DpopConfig | undefined;
  /** Opens the store of used DPoP proofs. Default: the DynamoDB table of the configuration. */
  readonly openProofStore?: OpenProofStore | undefined;
}

/** Confirms the sender of a token whose own verification is complete: the principal, and how it was confirmed. */
export type ConfirmSender = (principal: Principal, signal: AbortSignal) => Promise<Principal>;

/**
 * What a provider of tokens confirms its senders by. To be called before the token's signature is verified, or its
 * server asked.
 *
 * @returns undefined if there is nothing to confirm; the code that confirms is loaded for nothing else
 * @throws {Refusal} in the promise, if the sender cannot be the token's owner
 */
export type PrepareConfirmation = (
  binding: Binding,
  credential: Credential,
  request: AuthorizationRequest,
) => Promise<ConfirmSender> | undefined;

const openDynamoDb: OpenProofStore = async (table) => (await import("../used-once.ts")).dynamoDbUsedOnceStore(table);

/** Creates what confirms the senders of one provider's tokens. */
export function confirmationOf({ dpop, openProofStore = openDynamoDb }: ConfirmationDependencies): PrepareConfirmation {
  const confirmer = openedOnce(async () => (await import("./confirmer.ts")).createConfirmer(dpop, openProofStore));

  async function prepare(...[binding, credential, request]: Parameters<PrepareConfirmation>): Promise<ConfirmSender> {
    const prepared = (await confirmer()).prepare(binding, credential, request);
    return async (principal, signal) => ({ ...principal, ...(await prepared.complete(signal)) });
  }

  return (binding, credential, request) => {
    const isBound = binding.cnf !== undefined || binding.required !== undefined;
    return isBound || credential.scheme === "dpop" ? prepare(binding, credential, request) : undefined;
  };
}
