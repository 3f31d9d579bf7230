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
    const body = JSON.stringify({
      type: 'escalation.raised',
      timestamp: alert.at,
      data: {
        id: alert.id,
        client: alert.client,
        rule: alert.rule,
        severity: alert.severity,
        title: alert.title,
        phone: alert.phone,
        number_hidden: alert.hidden === undefined ? undefined : true,
        name: alert.name,
        source: alert.source,
        conversation_id: alert.conversationId,
        type: alert.type,
        text: alert.text,
        hand_on: alert.handOn?.join('\n'),
        about: alert.about,
        delivery_id: alert.delivery,
        late: alert.late,
        links: alert.links,
        at: alert.at,
        url: alert.link,
      },
    });
    const { headers } = signStandardWebhook(body, { current: secret }, now, alert.id);
    return { method: 'POST', url: settings.url, headers, body, publicOnly: true };
  }),
};
