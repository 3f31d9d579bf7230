import { written } from '../../../clients/demo.ts';
import { type ClientInput, defineClient } from '../../../lib/client.ts';

const { 'order-ready': orders, ...others } = written.templates;
const { updates = {} } = orders ?? {};

const REPLY = 'Thank you, we answer as soon as we can.';

/** The demo's client, with an automatic answer to whoever writes, an alert of whoever waits for a person, and a message that is media. */
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
  // As a real one waits: the demo's few seconds are for whoever looks at it.
  sender: { ...written.sender, hold: { from: 30, to: 300 } },
  templates: {
    ...others,
    'order-ready': orders && {
      ...orders,
      // Longer than a key may be remembered.
      usefulFor: 'P3D',
      // One that is a picture with words.
      updates: { ...updates, confirmed: { ...updates.confirmed, media: { url: 'https://shop.example/receipt.pdf' } } },
    },
  },
  escalation: {
    ...written.escalation,
    // Longer than a queue needs to bring back what a killed worker held; the demo's seconds are for whoever looks at it.
    digestAfter: 'PT10M',
    rules: [
      ...(written.escalation?.rules ?? []),
      { name: 'waits', when: { unanswered: 'PT30M' }, severity: 'warning', notify: ['webhook'] },
    ],
    autoReply: { when: 'always', texts: { en: REPLY } },
  },
};

export const client = () => defineClient(input);
