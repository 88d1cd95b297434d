import type { Certificate } from "./certificate.ts";

/** What an identity provider's signatures are verified with, as it is known at some moment. */
export interface TrustAnchors {
  readonly certificates: readonly Certificate[];
  /** Seconds since the epoch, where metadata say so. */
  readonly validUntil: number;
}

/** Where the certificates of one identity provider come from. */
export interface TrustAnchorSource {
  /** @throws {TroubleError} `metadata_unavailable` */
  current(): Promise<TrustAnchors>;
  /** What may be newer than `known`, after a signature that nothing known verifies. */
  newer(known: TrustAnchors): Promise<TrustAnchors>;
}
