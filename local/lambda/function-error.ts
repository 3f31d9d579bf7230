/** Why an invocation gave no answer: the handler threw, or its process died, ran out of time, or never got ready. */
export type FailureKind = 'handler' | 'crash' | 'timeout' | 'init';

export class FunctionError extends Error {
  override name = 'FunctionError';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
