import { HASH_ALGORITHMS, type HashAlgorithm } from "../../../shared/domain/saml/algorithms.ts";
import { attribute } from "./document.ts";

const HASHES = Object.keys(HASH_ALGORITHMS) as HashAlgorithm[];

/** The hash that a DigestMethod (`digest`) or an MGF (`mask`) names, or undefined if it is not supported. */
export function hashOf(method: Element, use: "digest" | "mask"): HashAlgorithm | undefined {
  const uri = attribute(method, "Algorithm");
  return HASHES.find((name) => HASH_ALGORITHMS[name][use] === uri);
}
