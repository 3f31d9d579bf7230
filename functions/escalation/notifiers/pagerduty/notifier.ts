import { cut } from '../../shared/runtime/characters.ts';
import type { NotifierSettings } from '../config.ts';
import type { Notifier } from '../notifier.ts';

const MAX_SUMMARY = 1024;

/** PagerDuty, Events API v2. `dedup_key` lands a repeated alert on the one that is open. */
export const pagerduty: Notifier<NonNullable<NotifierSettings['pagerduty']>> = {
  request(alert, { settings, secret }) {
    const { client, rule, phone, name, conversationId, type, text } = alert;
    const body = JSON.stringify({
      routing_key: secret,
      event_action: 'trigger',
      dedup_key: alert.id,
      client: 'EZWhatsApp',
      client_url: alert.link,
      links: [{ href: alert.link, text: 'Open conversation' }],
      payload: {
        summary: cut(`${alert.title} (${name ?? phone ?? 'unknown sender'})`, MAX_SUMMARY),
        source: client,
        severity: alert.severity,
        timestamp: alert.at,
        custom_details: { rule, phone, name, conversation_id: conversationId, type, text },
      },
    });
    const url = `${settings.api.replace(/\/+$/, '')}/v2/enqueue`;
    return { method: 'POST', url, headers: { 'content-type': 'application/json' }, body };
  },
};
