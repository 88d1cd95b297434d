/** A policy breaks IAM's grammar, or uses an element that is not supported. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}
