/** An answer of a service of AWS that is not a success. `name` is the exception's name in the protocol. */
export class ServiceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
