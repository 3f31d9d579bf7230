import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { cut } from '../../../shared/runtime/characters.ts';
import type { HttpRequest } from '../../../shared/runtime/http.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import type { Notifier } from '../../notifier.ts';
import { oneRequest } from '../../one-request.ts';

const EVENTS_API = 'v2';
const MAX_SUMMARY = 1024;

const settings = z.strictObject({ api: z._default(outsideUrl, 'https://events.pagerduty.com') });

const event = ({ api }: z.infer<typeof settings>, body: object): HttpRequest => ({
  method: 'POST',
  url: `${withoutSlash(api)}/${EVENTS_API}/enqueue`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/**
 * PagerDuty, Events API v2. `dedup_key` lands what follows on the incident that is open: one for a conversation and rule. Its summary is that
 * of the first; what is newer stands in the details of each event.
 */
export const notifier: Notifier<typeof settings> = {
  settings,
  apis: [{ what: 'Events API', version: EVENTS_API }],
  example: {},
  send: oneRequest((alert, { settings, secret }) => {
    const { client, rule, name, source, hidden, conversationId, type, text, about, late, handOn, delivery } = alert;
    const phone = alert.phone ?? hidden;
    return event(settings, {
      routing_key: secret,
      event_action: 'trigger',
      dedup_key: alert.incident ?? alert.id,
      client: 'EZWhatsApp',
      client_url: alert.link,
      links: [{ says: alert.open, url: alert.link }, ...(alert.links ?? [])].map(({ says, url }) => ({
        href: url,
        text: says,
      })),
      payload: {
        summary: cut(
          `${alert.title} (${source ?? ([name ?? alert.phone, hidden].filter(Boolean).join(', ') || alert.unknown)})`,
          MAX_SUMMARY,
        ),
        source: client,
        severity: alert.severity,
        timestamp: alert.at,
        custom_details: {
          rule,
          at: alert.when,
          phone,
          name,
          source,
          conversation_id: conversationId,
          type,
          text,
          about,
          delivery_id: delivery,
          late,
          hand_on: handOn?.join('\n'),
        },
      },
    });
  }),
  resolve: oneRequest((incident: string, { settings, secret }) =>
    event(settings, { routing_key: secret, event_action: 'resolve', dedup_key: incident }),
  ),
};
