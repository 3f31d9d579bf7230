/** The receiver needs no slice of its own: the line that its webhook must name is all it knows of the client. */
export interface WebhookReceiverConfig {
  readonly lineId: string;
  /** The line under whose id all that is kept by line is stored: the line itself, or an earlier one. */
  readonly keysOf: string;
}
