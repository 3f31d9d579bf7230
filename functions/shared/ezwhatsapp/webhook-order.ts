import { EVENTS } from './events.ts';

/** What `POST /api/v1/webhooks` is asked for the door of a stack at `url`: every field, for whoever reads it later need not know the defaults. */
export const webhookOrder = (url: string, token: string) => ({
  targetUrl: `${url}/ezw/webhook/${token}`,
  events: EVENTS,
  payloadFormat: 'whapi',
  enabled: true,
  persistent: true,
});
