/** An answer of Secrets Manager that is not a success. `name` is the exception's name in the protocol. */
export class SecretsError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
