import * as z from 'zod/mini';
import { signStandardWebhook } from '../../../shared/door/standard-webhooks.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import type { Notifier } from '../../notifier.ts';
import { oneRequest } from '../../one-request.ts';

const settings = z.strictObject({ url: outsideUrl });

/** The client's own system, by Standard Webhooks: `webhook-id` stays the same when an alert is sent again. */
export const notifier: Notifier<typeof settings> = {
  settings,
  example: { url: 'https://team.agency.example/alerts' },
  send: oneRequest((alert, { settings, secret, now }) => {
    const {
      id,
      client,
      rule,
      severity,
      title,
      phone,
      name,
      source,
      conversationId,
      type,
      text,
      about,
      at,
      link,
      handOn,
    } = alert;
    const body = JSON.stringify({
      type: 'escalation.raised',
      timestamp: at,
      data: {
        id,
        client,
        rule,
        severity,
        title,
        phone,
        name,
        source,
        conversation_id: conversationId,
        type,
        text,
        hand_on: handOn?.join('\n'),
        about,
        at,
        url: link,
      },
    });
    const { headers } = signStandardWebhook(body, { current: secret }, now, id);
    return { method: 'POST', url: settings.url, headers, body, publicOnly: true };
  }),
};
