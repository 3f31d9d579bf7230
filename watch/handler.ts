/** What the rule calls it with: an event of EventBridge, of which the scheduled time alone is read. */
interface Scheduled {
  /** ISO 8601. */
  readonly time: string;
}

/** Looks at all clients of the account. Nothing yet. */
export const handler = async ({ time }: Scheduled): Promise<object> => ({ time });
