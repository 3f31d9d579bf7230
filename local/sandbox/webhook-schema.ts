import { isIP } from 'node:net';
import { z } from 'zod';

export const webhookEvents = ['messages.post', 'statuses.post', 'chats.post'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

const PRIVATE_IPV4 = /^(0|10|127|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
const PRIVATE_IPV6 = /^\[(::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*|::ffff:.*)\]$/i;

/** Localhost, loopback, private and link-local targets, by name or address. */
function isPrivate(url: URL): boolean {
  const host = url.hostname.toLowerCase();
  if (/(^|\.)(localhost|local|internal)$/.test(host)) return true;
  return isIP(host) === 4 ? PRIVATE_IPV4.test(host) : PRIVATE_IPV6.test(host);
}

/** `POST /api/v1/webhooks`. Private targets are refused, except the local stack's own origins. */
export const webhookSchema = (ownOrigins: () => readonly string[]) => {
  const target = z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be an http or https URL')
    .refine((text) => {
      if (!URL.canParse(text)) return true;
      const url = new URL(text);
      return ownOrigins().includes(url.origin) || !isPrivate(url);
    }, 'must not be localhost, loopback, private or link-local');
  return z
    .strictObject({
      targetUrl: target.optional(),
      url: target.optional(),
      events: z
        .array(z.enum(webhookEvents))
        .min(1, 'must name at least one event')
        .default([...webhookEvents]),
      payloadFormat: z.literal('whapi', 'must be whapi').default('whapi'),
      enabled: z.boolean().default(true),
      persistent: z.boolean().default(true),
    })
    .refine(({ targetUrl, url }) => (targetUrl === undefined) !== (url === undefined), {
      message: 'give exactly one of "targetUrl" and "url"',
    })
    .transform(({ targetUrl, url, ...rest }) => ({ ...rest, targetUrl: targetUrl ?? url ?? '' }));
};

export type WebhookOrder = z.infer<ReturnType<typeof webhookSchema>>;
