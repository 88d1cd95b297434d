/** The local stack cannot start. The message is one line for the user, and says what to do. */
export class StackError extends Error {
  override readonly name = "StackError";
}
