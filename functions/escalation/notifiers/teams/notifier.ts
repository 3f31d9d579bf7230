import * as z from 'zod/mini';
import { cut } from '../../../shared/runtime/characters.ts';
import { alertLines } from '../../alert.ts';
import type { Notifier } from '../../notifier.ts';
import { oneRequest } from '../../one-request.ts';

/** The card may have 28 KB in all. */
const MAX_LINE = 1000;

/** A text block reads Markdown: what a customer wrote must not become a link or a format. */
const escaped = (text: string): string => cut(text, MAX_LINE).replace(/([\\`*_{}[\]()#+!|<>~-])/g, '\\$1');

const settings = z.strictObject({});

/**
 * Microsoft Teams, by a Workflow that takes webhook requests and an Adaptive Card. Its 202 means queued in Power Automate, not
 * posted, and the flow stops when its owner's account does.
 */
export const notifier: Notifier<typeof settings> = {
  settings,
  example: {},
  send: oneRequest((alert, { secret }) => {
    const block = (text: string, more: object = {}) => ({ type: 'TextBlock', text, wrap: true, ...more });
    const content = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      body: [
        block(escaped(`[${alert.severity}] ${alert.title}`), { weight: 'Bolder', size: 'Medium' }),
        ...alertLines(alert).map((line) => block(escaped(line))),
        // More than a few buttons are not shown.
        ...(alert.links ?? []).map(({ says, url }) => block(`[${escaped(says)}](${url})`)),
      ],
      actions: [{ type: 'Action.OpenUrl', title: alert.open, url: alert.link }],
    };
    const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content }];
    const body = JSON.stringify({ type: 'message', attachments });
    return { method: 'POST', url: secret, headers: { 'content-type': 'application/json' }, body, publicOnly: true };
  }),
};
