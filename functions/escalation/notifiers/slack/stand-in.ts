import type { NotifierStandIn } from '../../../../local/sandbox/notifier.ts';
import type { notifier } from './notifier.ts';

/** Slack's incoming webhook: its yes is a plain text. */
export const standIn: NotifierStandIn<typeof notifier> = {
  answer: () => [200, 'ok'],
  connection: (base) => ({ settings: {}, secret: `${base}/services/T/B/x` }),
  // Angle brackets make mentions and links of a text; blocks say themselves what they are.
  formatsIn: ({ body }) => [
    ...(body.text.match(/<[^>]*>/g) ?? []),
    ...(JSON.stringify(body.blocks ?? []).match(/"type":"mrkdwn"/g) ?? []),
  ],
};
