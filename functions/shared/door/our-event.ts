import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { fieldsIn, onlyOne, parseJson } from '../runtime/json.ts';
import { assertOneRecipient } from './one-recipient.ts';
import type { Source } from './source.ts';
import { authenticateStandardWebhook, signStandardWebhook } from './standard-webhooks.ts';

const settings = z.strictObject({});

/** A source of our own events: all of it but what they mean. */
export type OurSource<Event> = Source<Event, typeof settings>;

/** What an event of our own has in every template: no settings, and a secret that is ours to make and the sender is told. */
export const ourEvent = {
  isOurs: true,
  settings,
  example: () => ({}),
  newSecret: () => `whsec_${randomBytes(32).toString('base64')}`,
  authenticate: authenticateStandardWebhook,
  about: (raw) => {
    const { data } = fieldsIn(Buffer.from(raw).toString('utf8'));
    const [, id] = Object.entries(data ?? {}).find(([name]) => /^(?!conversation|previous)\w+_id$/.test(name)) ?? [];
    return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
  },
  sign: (body, secret, at) => signStandardWebhook(body, secret, at),
} satisfies Partial<OurSource<unknown>>;

/** The JSON of such an event, which is about one person. Throws `Invalid`. */
export const ourBody = (raw: Uint8Array): unknown => {
  const json = onlyOne(parseJson(raw));
  assertOneRecipient(json);
  return json;
};
