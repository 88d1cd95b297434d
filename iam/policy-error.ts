/** A policy breaks IAM's grammar, or uses something that this engine does not know. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}
