/** The local stack cannot start. The message is one line and tells the user what to do. */
export class StackError extends Error {
  override readonly name = "StackError";
}
