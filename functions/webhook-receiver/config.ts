/** The line that its webhook must name, and who that is: all that the receiver knows of the client. */
export interface WebhookReceiverConfig {
  readonly lineId: string;
  /** The line under whose id all that is kept by line is stored: the line itself, or an earlier one. */
  readonly keysOf: string;
  /** The line's own number (E.164), where the client file tells it. */
  readonly linePhone?: string | undefined;
}
