import type { DpopConfig } from "../../../shared/domain/config/dpop.ts";
import { demand } from "../../../shared/domain/reasons/errors.ts";
import type { DpopRequest } from "../../../shared/domain/request/authorization-request.ts";
import { verifySignature } from "../../jwt/signature.ts";
import type { UsedOnceStore } from "../../used-once.ts";
import { isSameHash } from "../same-hash.ts";
import { checkProof } from "./check-proof.ts";
import { Nonces } from "./nonces.ts";
import { proofKeyOf } from "./proof-key.ts";
import { readProof } from "./read-proof.ts";
import { UsedProofs } from "./used-proofs.ts";

/** What a proof has to prove: that this request, with this token, comes from the holder of a key. */
export interface ToProve {
  readonly request: DpopRequest;
  readonly token: string;
  /** The thumbprint of the key that the token is bound to: `cnf.jkt`. */
  readonly thumbprint: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

/** Checks DPoP proofs (RFC 9449 section 4.3). */
export interface DpopCheck {
  /**
   * Checks everything but signature and use.
   *
   * @returns what checks the rest, when the token is verified: it resolves with the nonce for the next proof, if there are
   * nonces
   * @throws {Refusal}
   */
  prepare(wanted: ToProve): (signal: AbortSignal) => Promise<string | undefined>;
}

/** @param open opens the table of used proofs, at the first one */
export function createDpopCheck(config: DpopConfig, open: () => Promise<UsedOnceStore>): DpopCheck {
  const used = new UsedProofs(open);
  const nonces = config.nonce && new Nonces(config.nonce);
  return {
    prepare({ request, token, thumbprint: bound, time }) {
      const proof = readProof(request.proofs);
      checkProof(proof, { request, token, time }, config);
      return async (signal) => {
        const { key, algorithm, thumbprint } = await proofKeyOf(proof, config);
        demand(isSameHash(thumbprint, bound), "dpop_key_mismatch");
        demand(await verifySignature(proof.text, [key], algorithm), "dpop_signature_invalid");
        // Only the holder of the token and its key is told a nonce, and no proof counts as used without one.
        const next = await nonces?.demand(proof.claims.nonce, time);
        const expiresAt = Math.ceil(proof.issuedAt) + config.maxAge + 1;
        await used.record({ thumbprint, id: proof.id, expiresAt }, signal);
        return next;
      };
    },
  };
}
