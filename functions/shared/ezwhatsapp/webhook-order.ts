import { EVENTS } from './events.ts';

/** What `POST /api/v1/webhooks` is asked for an address: every field, for nobody knows what is meant where one is left out. */
export const webhookAt = (targetUrl: string, enabled: boolean) => ({
  targetUrl,
  events: EVENTS,
  payloadFormat: 'whapi',
  enabled,
  persistent: true,
});

/** The same for the door of a stack at `url`. */
export const webhookOrder = (url: string, token: string) => webhookAt(`${url}/ezw/webhook/${token}`, true);
