/** An answer of SNS that is not a success. `name` is the code in the protocol. */
export class SnsError extends Error {
  readonly status: number;

  constructor(status: number, name: string, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
