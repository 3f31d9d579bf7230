import { written } from '../../../clients/demo.ts';
import { type ClientInput, defineClient } from '../../../lib/client.ts';

const { 'order-ready': orders, ...others } = written.templates;
const { updates = {} } = orders ?? {};

const REPLY = 'Thank you, we answer as soon as we can.';

/** The demo's client, with an automatic answer to whoever writes, and a message that is media. */
const input: ClientInput = {
  ...written,
  decisions: [
    ...(written.decisions ?? []),
    {
      ask: 'bots',
      decision: 'One automatic answer in twelve hours.',
      reason: 'The world of the tests looks at it.',
      decidedBy: 'the maintainers of this bundle',
      on: '2026-11-22',
    },
  ],
  templates: {
    ...others,
    'order-ready': orders && {
      ...orders,
      // One that is a picture with words.
      updates: { ...updates, confirmed: { ...updates.confirmed, media: { url: 'https://shop.example/receipt.pdf' } } },
    },
  },
  escalation: {
    ...written.escalation,
    autoReply: { when: 'always', texts: { en: REPLY } },
  },
};

export const client = () => defineClient(input);
