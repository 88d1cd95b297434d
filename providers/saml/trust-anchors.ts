import type { Certificate } from "./certificate.ts";

/** The certificates for an identity provider's signatures at a point in time. */
export interface TrustAnchors {
  readonly certificates: readonly Certificate[];
  /** The `validUntil` of the metadata in seconds since the epoch, otherwise infinite. */
  readonly validUntil: number;
}

/** The source of the certificates of one identity provider. */
export interface TrustAnchorSource {
  /** The current certificates. @throws {TroubleError} `metadata_unavailable` */
  current(): Promise<TrustAnchors>;
  /**
   * Newer certificates than `known`, or `known`. Called if no known certificate verifies a signature, or if all have
   * ended.
   *
   * @throws {TroubleError} `metadata_unavailable`
   */
  newer(known: TrustAnchors): Promise<TrustAnchors>;
}
