import * as z from 'zod/mini';
import { bodyIn, idOf, idSchema, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import { numberNames } from '../../../shared/door/origin.ts';
import type { SourceSecret } from '../../../shared/door/signatures.ts';
import type { Parsed, Skipped, Source } from '../../../shared/door/source.ts';
import { Unauthorized } from '../../../shared/runtime/errors.ts';
import { hmac, sameText, sha256 } from '../../../shared/runtime/hashes.ts';
import type { Lead } from '../../schema.ts';
import { graphLead, type MetaReference } from './graph.ts';
import { GRAPH_API, settings } from './settings.ts';

const body = z.object({ object: z.string(), entry: z.array(z.unknown()) });
const entry = z.object({
  id: z.optional(z.unknown()),
  time: z.optional(z.unknown()),
  changes: z.optional(z.array(z.unknown())),
});
const change = z.object({ field: z.string(), value: z.optional(z.unknown()) });
const value = z.object({ leadgen_id: idSchema, form_id: optionalText, created_time: z.optional(z.unknown()) });

/** Meta counts seconds, here as a number and there as a text. */
const instant = (seconds: unknown, receivedAt: number): string => {
  // Of anything else Number() may throw: of `{"toString":null}`.
  const at = typeof seconds === 'number' || typeof seconds === 'string' ? Number(seconds) * 1000 : Number.NaN;
  return new Date(at > 0 && at < receivedAt ? at : receivedAt).toISOString();
};

type Update = Parsed<Lead, MetaReference> | Skipped;

/** What the page's inbox sends to the same address. */
const INBOX = ['messaging', 'standby'] as const;
const NO_LEAD: Skipped = { skipped: 'no_lead' };

/** What the dashboard's button sends: a page that there is not, or an id of nothing but fours, which no look-up would find. */
const isSample = (page: unknown, leadgenId: string): boolean => page === '0' || page === 0 || /^4{9,}$/.test(leadgenId);

/** One broken update of a batch: recorded under an id made of it, so that the good ones go on and a person can see it. */
const broken = (update: unknown, receivedAt: number, origin?: string): Parsed<Lead, MetaReference> => ({
  origin,
  event: {
    id: `broken-${sha256(JSON.stringify(update) ?? '').slice(0, 24)}`,
    source: 'meta',
    phones: [],
    submittedAt: new Date(receivedAt).toISOString(),
    unreadable: 'unreadable_update',
  },
});

const changeOf = (given: unknown, { id: page, time }: z.infer<typeof entry>, receivedAt: number): Update => {
  const origin = idOf(page);
  const known = change.safeParse(given);
  if (!known.success) return broken(given, receivedAt, origin);
  // Other fields of the page mean nothing here, and a change without a value is how Meta says that something went away.
  if (known.data.field !== 'leadgen' || known.data.value === undefined || known.data.value === null) return NO_LEAD;
  const lead = value.safeParse(known.data.value);
  if (!lead.success) return broken(given, receivedAt, origin);
  const { leadgen_id: leadgenId, form_id: formId, created_time: createdAt } = lead.data;
  const occurredAt = instant(createdAt ?? time, receivedAt);
  if (isSample(page, leadgenId)) {
    return {
      origin,
      event: { id: leadgenId, source: 'meta', formId, phones: [], submittedAt: occurredAt, isTest: true },
    };
  }
  return { origin, reference: { leadgenId, formId, submittedAt: occurredAt }, id: leadgenId, occurredAt };
};

const updatesOf = (one: unknown, receivedAt: number): Update[] => {
  const read = entry.safeParse(one);
  const inbox = read.success ? INBOX.filter((name) => Object.hasOwn(Object(one), name)) : [];
  if (!read.success || (!read.data.changes && inbox.length === 0)) return [broken(one, receivedAt)];
  return [
    ...inbox.map((skipped) => ({ skipped })),
    ...(read.data.changes ?? []).map((given) => changeOf(given, read.data, receivedAt)),
  ];
};

/** One lead is looked up once, however often it stands in a batch. */
const eachOnce = (updates: readonly Update[]): Update[] => {
  const seen = new Set<string>();
  return updates.map((update) => {
    if ('skipped' in update) return update;
    const about = 'event' in update ? update.event : update;
    const id = `${update.origin} ${about.id}`;
    if (seen.has(id)) return { skipped: 'repeated' };
    seen.add(id);
    return update;
  });
};

/** What Meta says when it first asks: a text of our own, or what is made of the app secret and does not give it away. */
export const verifyTokenOf = ({ verifyToken, current }: SourceSecret): string =>
  verifyToken ?? hmac(current, 'hex', 'hub.verify_token');

/** Lead Ads: the event brings ids alone, up to a thousand of them; each is looked up behind the queue. */
export const source: Source<Lead, typeof settings, MetaReference> = {
  settings,
  apis: [{ what: 'Marketing API, of which lead ads are', version: GRAPH_API }],
  example: (standIn) => ({ consent: { fields: ['whatsapp_consent'] }, ...(standIn && { graphApi: standIn }) }),
  // A thousand updates are about 250 KB.
  maxBytes: 1024 * 1024,
  // Of each entry of a batch.
  origin: {
    what: 'page',
    write: 'the id of the page',
    such: '104512345678901',
    field: 'entry[0].id',
    names: numberNames,
  },
  handshake({ query }, secret) {
    const given = query['hub.verify_token'];
    if (query['hub.mode'] !== 'subscribe' || given === undefined) {
      throw new Unauthorized('verify_token_missing', 'Neither hub.mode=subscribe nor a hub.verify_token was sent.');
    }
    // Typed by hand, where none was stored it is the app secret itself.
    const accepted = [verifyTokenOf(secret), secret.verifyToken ?? secret.current];
    if (!accepted.map((one) => sameText(given, one)).includes(true)) {
      throw new Unauthorized('verify_token_mismatch', 'The verify token is not the one stored here.');
    }
    return query['hub.challenge'] ?? '';
  },
  ...headerHmac({ header: 'x-hub-signature-256', encoding: 'hex', prefix: 'sha256=' }),
  parse({ raw, receivedAt }) {
    const { object, entry: entries } = shape(body, bodyIn(raw));
    return eachOnce(entries.flatMap((one) => (object === 'page' ? updatesOf(one, receivedAt) : [NO_LEAD])));
  },
  lookUp: graphLead,
};
