import { signStandardWebhook } from '../../shared/door/standard-webhooks.ts';
import type { NotifierSettings } from '../config.ts';
import type { Notifier } from '../notifier.ts';

/** The client's own system, by Standard Webhooks: `webhook-id` stays the same when an alert is sent again. */
export const webhook: Notifier<NonNullable<NotifierSettings['webhook']>> = {
  request(alert, { settings, secret, now }) {
    const { id, client, rule, severity, title, phone, name, conversationId, type, text, at, link } = alert;
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
        conversation_id: conversationId,
        type,
        text,
        at,
        url: link,
      },
    });
    const { headers } = signStandardWebhook(body, { current: secret }, now, id);
    return { method: 'POST', url: settings.url, headers, body, publicOnly: true };
  },
};
