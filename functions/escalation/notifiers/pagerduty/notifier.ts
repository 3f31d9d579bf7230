import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { cut } from '../../../shared/runtime/characters.ts';
import type { Notifier } from '../../notifier.ts';
import { oneRequest } from '../../one-request.ts';

const MAX_SUMMARY = 1024;

const settings = z.strictObject({ api: z._default(outsideUrl, 'https://events.pagerduty.com') });

/** PagerDuty, Events API v2. `dedup_key` lands a repeated alert on the one that is open. */
export const notifier: Notifier<typeof settings> = {
  settings,
  example: {},
  send: oneRequest((alert, { settings, secret }) => {
    const { client, rule, phone, name, source, conversationId, type, text, about, handOn } = alert;
    const body = JSON.stringify({
      routing_key: secret,
      event_action: 'trigger',
      dedup_key: alert.id,
      client: 'EZWhatsApp',
      client_url: alert.link,
      links: [{ href: alert.link, text: alert.open }],
      payload: {
        summary: cut(`${alert.title} (${source ?? name ?? phone ?? alert.unknown})`, MAX_SUMMARY),
        source: client,
        severity: alert.severity,
        timestamp: alert.at,
        custom_details: {
          rule,
          phone,
          name,
          source,
          conversation_id: conversationId,
          type,
          text,
          about,
          hand_on: handOn?.join('\n'),
        },
      },
    });
    const url = `${settings.api.replace(/\/+$/, '')}/v2/enqueue`;
    return { method: 'POST', url, headers: { 'content-type': 'application/json' }, body };
  }),
};
