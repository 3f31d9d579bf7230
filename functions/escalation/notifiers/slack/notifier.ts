import * as z from 'zod/mini';
import { cut } from '../../../shared/runtime/characters.ts';
import { alertLines } from '../../alert.ts';
import type { Notifier } from '../../notifier.ts';
import { oneRequest } from '../../one-request.ts';

/** A section takes 3,000 characters; what a customer wrote is cut before escaping can cut an entity in two. */
const MAX_LINE = 500;

/** In Slack these three begin mentions, links and entities. */
const escaped = (text: string): string =>
  cut(text, MAX_LINE).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const settings = z.strictObject({});

/** Slack, by an incoming webhook. It keeps nothing once: after a lost answer a message may come twice. */
export const notifier: Notifier<typeof settings> = {
  settings,
  example: {},
  send: oneRequest((alert, { secret }) => {
    const title = escaped(`[${alert.severity}] ${alert.title}`);
    // Customers' words are plain text: no asterisk or underscore of theirs becomes a format, and no link is unfurled.
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: cut(`[${alert.severity}] ${alert.title}`, 150) } },
      {
        type: 'section',
        text: {
          type: 'plain_text',
          text: alertLines(alert)
            .map((line) => cut(line, MAX_LINE))
            .join('\n'),
          emoji: false,
        },
      },
      {
        type: 'actions',
        elements: [{ type: 'button', text: { type: 'plain_text', text: cut(alert.open, 75) }, url: alert.link }],
      },
    ];
    const body = JSON.stringify({ text: `${title}: ${alertLines(alert).map(escaped).join(' – ')}`, blocks });
    return { method: 'POST', url: secret, headers: { 'content-type': 'application/json' }, body, publicOnly: true };
  }),
};
