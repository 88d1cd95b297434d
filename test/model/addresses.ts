import ipaddr from "ipaddr.js";
import type { ModelConfig, ModelDecision, ModelPrincipal } from "./types.ts";

type Address = ReturnType<typeof ipaddr.parse>;

const addresses = new Map<string, Address>();

/** Whether an address is in one of the ranges, each an address or in CIDR notation. Without ranges every address is. */
export function isWithin(address: string, ranges: readonly string[] | undefined): boolean {
  return ranges === undefined || ranges.some((range) => isInRange(address, range));
}

/**
 * Whether a policy may allow this address: all credentials allow it, and it is the caller's own if policies are bound
 * to it.
 */
export function isForAddress(
  config: ModelConfig,
  principals: readonly ModelPrincipal[],
  decision: ModelDecision,
  address: string,
): boolean {
  const bound = config.policy?.bindAddress ?? true;
  return (
    principals.every((principal) => isWithin(address, principal.addresses)) &&
    (!bound || decision.address === undefined || isInRange(address, decision.address))
  );
}

function isInRange(address: string, range: string): boolean {
  const [base = "", bits] = range.split("/");
  const [left, right] = [parse(address), parse(base)];
  if (left.kind() !== right.kind()) return false;
  return left.match(right, bits === undefined ? left.toByteArray().length * 8 : Number(bits));
}

function parse(text: string): Address {
  let address = addresses.get(text);
  if (!address) {
    address = ipaddr.parse(text);
    addresses.set(text, address);
  }
  return address;
}
