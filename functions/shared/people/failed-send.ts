/** A send that left and did not arrive, for people. What there is to say of it the ledger knows when they are told. */
export interface FailedSend {
  readonly kind: 'failed-send';
  readonly key: string;
  /** Whom it was for, `masked`, where the provider said it. */
  readonly who?: string | undefined;
}
