import type { SenderConstraint } from "../../shared/domain/config/common.ts";
import type { DpopConfig } from "../../shared/domain/config/dpop.ts";
import type { Confirmation } from "../../shared/domain/principal/principal.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";
import type { UsedOnceStore } from "../used-once.ts";
import type { Binding } from "./binding.ts";
import { type BoundKeys, boundKeysOf } from "./bound-keys.ts";
import { checkCertificate } from "./certificate.ts";
import { createDpopCheck, type DpopCheck } from "./dpop/dpop-check.ts";

/** Opens the store of used proofs. */
export type OpenProofStore = (table: string) => Promise<UsedOnceStore>;

/** Confirms that tokens come from whom they were issued to. One for each provider of tokens. */
export interface Confirmer {
  /**
   * Checks what needs no cryptography but hashes. It is called before the token itself is verified: what is refused here
   * would not be accepted with a valid signature.
   *
   * @throws {Refusal}
   */
  prepare(binding: Binding, credential: Credential, request: AuthorizationRequest): PreparedConfirmation;
}

/** How a sender was confirmed: what the principal says of it. */
export interface Confirmed {
  readonly confirmation: readonly Confirmation[];
  /** The nonce for the next DPoP proof. */
  readonly dpopNonce?: string;
}

/** What is left to be confirmed when the token itself is verified. */
export interface PreparedConfirmation {
  /**
   * Verifies the proof's signature and records its use, in this order, so that only a holder of a valid token and its
   * key can have the table written. Resolves with how the sender was confirmed.
   *
   * @throws {Refusal}
   * @throws {TroubleError} `replay_store_unavailable`
   */
  complete(signal: AbortSignal): Promise<Confirmed>;
}

/** @param config undefined: tokens that are bound to a DPoP key are refused */
export function createConfirmer(config: DpopConfig | undefined, openStore: OpenProofStore): Confirmer {
  const dpop = config && createDpopCheck(config, () => openStore(config.replayTable));
  return {
    prepare({ cnf, required }, credential, request) {
      const keys = boundAsRequired({ cnf, required }, config);
      demandScheme(keys, credential);
      // Of some kinds of authorizer the events say neither method nor URL.
      demand(keys.dpopKey === undefined || request.dpop, "token_confirmation_unsupported");
      demand(mayBeAnswered(keys, request), "token_confirmation_cached");
      if (keys.certificate !== undefined) checkCertificate(keys.certificate, request);
      const proof = prepareProof(dpop, keys, credential, request);
      const confirmation: Confirmation[] = [
        ...(keys.certificate === undefined ? [] : (["mtls"] as const)),
        ...(keys.dpopKey === undefined ? [] : (["dpop"] as const)),
      ];
      return {
        async complete(signal) {
          const dpopNonce = await proof?.(signal);
          return { confirmation, ...(dpopNonce !== undefined && { dpopNonce }) };
        },
      };
    },
  };
}

/**
 * The keys that a token says it is bound to, if they are what its issuer's entry asks for.
 *
 * @throws {Refusal} `token_confirmation_unsupported`, `token_confirmation_missing`
 */
export function boundAsRequired({ cnf, required }: Binding, dpop: DpopConfig | undefined): BoundKeys {
  const keys = boundKeysOf(cnf);
  demand(isBoundAs(required, keys), "token_confirmation_missing");
  demand(keys.dpopKey === undefined || dpop, "token_confirmation_unsupported");
  return keys;
}

function isBoundAs(required: SenderConstraint | undefined, { certificate, dpopKey }: BoundKeys): boolean {
  if (required === "mtls") return certificate !== undefined;
  if (required === "dpop") return dpopKey !== undefined;
  return required === undefined || (certificate ?? dpopKey) !== undefined;
}

/** A bound token is no bearer token, and a bearer token is not bound (RFC 9449 sections 7.1 and 7.2). */
function demandScheme({ dpopKey }: BoundKeys, { scheme }: Credential): void {
  demand(dpopKey === undefined || scheme === "dpop", "dpop_scheme_missing");
  demand(dpopKey !== undefined || scheme !== "dpop", "dpop_token_unbound");
}

/**
 * Whether the answer is for this request alone. An answer from the cache asks nobody for a proof, and so it would open
 * every route of its policy to whoever has the token, until it ends. Only a certificate can be in the key of the cache.
 */
function mayBeAnswered({ dpopKey }: BoundKeys, { cache, clientCertificate }: AuthorizationRequest): boolean {
  if (cache === undefined) return true;
  if (dpopKey !== undefined || !cache.certificate || clientCertificate === undefined) return false;
  const { values } = cache;
  return values === undefined || (typeof values !== "string" && values.includes(clientCertificate));
}

function prepareProof(
  dpop: DpopCheck | undefined,
  { dpopKey }: BoundKeys,
  { value: token }: Credential,
  { dpop: request, time }: AuthorizationRequest,
): ((signal: AbortSignal) => Promise<string | undefined>) | undefined {
  if (dpopKey === undefined || !dpop || !request) return undefined;
  return dpop.prepare({ request, token, time, thumbprint: dpopKey });
}
