/** A correctly called command fails. The message is for people and may have several lines; the exit code is 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}
