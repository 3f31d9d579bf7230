import { sourceBy } from '../shared/door/kinds.ts';
import type { SourceRequest, Sources } from '../shared/door/source.ts';
import { type Contacts, count, hashed } from '../shared/people/contacts.ts';
import { Invalid } from '../shared/runtime/errors.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import type { Lead } from './schema.ts';

const MINUTE_SECONDS = 60;

/**
 * Browser posts carry no secret, so one address may make only so many a minute. It stands in front of the queue, not of the
 * function: the gateway can hold back a whole route but knows no addresses. If the count cannot be had, the post is taken.
 */
export const oneAddress =
  (contacts: Contacts, sources: Sources<Lead>, settings: LeadFirstTouchConfig['sources'], now: () => number) =>
  async (request: SourceRequest, source: string): Promise<void> => {
    const { browser } = sourceBy(sources, source) ?? {};
    const limit = browser?.rules((settings as Readonly<Record<string, unknown>>)[source])?.perAddressPerMinute;
    if (limit === undefined || !browser?.isUnproven(request)) return;
    const minute = Math.floor(now() / 1000 / MINUTE_SECONDS);
    let seen = 0;
    try {
      const pk = await hashed(contacts, 'address', `${request.address ?? ''}#${minute}`);
      seen = await count(contacts, pk, (minute + 2) * MINUTE_SECONDS);
    } catch {
      return;
    }
    if (seen > limit)
      throw new Invalid('too_many_requests', 'Too many posts from this address. Try again in a minute.');
  };
