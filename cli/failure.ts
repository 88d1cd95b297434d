/** What a command cannot do although it was called rightly. The message is for people, one or several lines; the exit code is 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}
