/** A policy that IAM's grammar does not allow, or that says something this engine does not know: nothing is passed that was not understood. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}
