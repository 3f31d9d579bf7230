import * as z from 'zod/mini';
import { cut } from '../../../shared/runtime/characters.ts';
import { reasonOf } from '../../../shared/runtime/errors.ts';
import type { HttpRequest } from '../../../shared/runtime/http.ts';
import { type Alert, alertLines, linkLines } from '../../alert.ts';
import type { Notifier } from '../../notifier.ts';
import { oneRequest } from '../../one-request.ts';

/** What a section takes, all lines together. */
const MAX_SECTION = 3000;
/** What a customer wrote is cut before escaping can cut an entity in two. */
const MAX_LINE = 500;
/** What one block of buttons takes. */
const MAX_BUTTONS = 25;

/** In Slack these three begin mentions, links and entities. */
const escaped = (text: string): string =>
  cut(text, MAX_LINE).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const settings = z.strictObject({});

const posted = (secret: string, body: object): HttpRequest => ({
  method: 'POST',
  url: secret,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
  publicOnly: true,
});

const plainText = (alert: Alert): string =>
  `${escaped(`[${alert.severity}] ${alert.title}`)}: ${[...alertLines(alert), ...linkLines(alert)].map(escaped).join(' – ')}`;

/** Without blocks, for an alert of which Slack refused those: an alert in poor form is better than none. */
const asText = oneRequest<unknown>((alert, { secret }) =>
  posted(secret, { text: `${escaped(alert.link)} ${cut(plainText(alert), MAX_SECTION)}` }),
);

const inBlocks = oneRequest<unknown>((alert, { secret }) => {
  const buttons = [{ says: alert.open, url: alert.link }, ...(alert.links ?? [])].map(({ says, url }) => ({
    type: 'button',
    text: { type: 'plain_text', text: cut(says, 75) },
    url,
  }));
  // Customers' words are plain text: no asterisk or underscore of theirs becomes a format, and no link is unfurled.
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: cut(`[${alert.severity}] ${alert.title}`, 150) } },
    {
      type: 'section',
      text: {
        type: 'plain_text',
        text: cut(
          alertLines(alert)
            .map((line) => cut(line, MAX_LINE))
            .join('\n'),
          MAX_SECTION,
        ),
        emoji: false,
      },
    },
    ...Array.from({ length: Math.ceil(buttons.length / MAX_BUTTONS) }, (_, i) => ({
      type: 'actions',
      elements: buttons.slice(i * MAX_BUTTONS, (i + 1) * MAX_BUTTONS),
    })),
  ];
  return posted(secret, { text: plainText(alert), blocks });
});

/** Slack, by an incoming webhook. It keeps nothing once: after a lost answer a message may come twice. */
export const notifier: Notifier<typeof settings> = {
  settings,
  example: {},
  async send(alert, settings, tools) {
    try {
      await inBlocks(alert, settings, tools);
    } catch (error) {
      if (reasonOf(error) !== 'notifier_400') throw error;
      await asText(alert, settings, tools);
    }
  },
};
