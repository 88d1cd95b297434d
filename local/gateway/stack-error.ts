/** Something that keeps the local stack from starting, in one line that says what to do. */
export class StackError extends Error {
  override readonly name = "StackError";
}
