import type { NotifierStandIn } from '../../../../local/sandbox/notifier.ts';
import type { notifier } from './notifier.ts';

/** So many elements a block of actions takes. */
const MOST = 25;

/** Slack's incoming webhook: its yes is a plain text, and so is its no. */
export const standIn: NotifierStandIn<typeof notifier> = {
  answer: ({ body }) =>
    (body.blocks ?? []).some(({ elements = [] }: { elements?: unknown[] }) => elements.length > MOST)
      ? [400, 'invalid_blocks']
      : [200, 'ok'],
  connection: (base) => ({ settings: {}, secret: `${base}/services/T/B/x` }),
  // Angle brackets make mentions and links of a text; blocks say themselves what they are.
  formatsIn: ({ body }) => [
    ...(body.text.match(/<[^>]*>/g) ?? []),
    ...(JSON.stringify(body.blocks ?? []).match(/"type":"mrkdwn"/g) ?? []),
  ],
};
