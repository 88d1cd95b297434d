/** An error that an AWS client gets. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** `ResourceNotFoundException` */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
