import { describe, expect, it } from 'vitest';
import { findingOf } from '../../cli/source/findings.ts';
import type { Opened } from '../../cli/source/look.ts';
import { ConnectProblem, type Subscribed } from '../../functions/shared/door/connection.ts';
import { defineClient } from '../../lib/client.ts';

const client = defineClient({
  name: 'bakery',
  lineId: 'line-1',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  contacts: { operator: { name: 'Noa', phone: '+972501230001', email: 'noa@agency.example' } },
  templates: {},
});

const WORDS = 'token tok_live_1 of Dana was revoked';
const address = 'https://door.example/appointment-reminder/calendly';
const wanted = { key: '', events: ['invitee.created'] };

const opened = (list: () => Promise<readonly Subscribed[]>) =>
  ({
    target: { where: 'aws', url: 'https://door.example', client },
    place: { template: 'appointment-reminder', source: 'calendly', settings: {}, templateSettings: {} },
    connection: { vendor: 'Calendly', asks: () => [{ field: 'token' }], wants: () => [wanted], list },
    secret: { current: 'whsec_1', token: 'tok' },
    asks: [],
  }) as unknown as Opened;

const fails = (error: Error) => async (): Promise<never> => {
  throw error;
};
const has = (of: Partial<Subscribed>) => async () => [
  { id: '1', address, key: '', events: ['invitee.created'], state: 'on', ...of } as Subscribed,
];

describe('what is told by mail of a source', () => {
  it.each<[string, () => Promise<readonly Subscribed[]>, string]>([
    [
      'whose login is refused',
      fails(new ConnectProblem(WORDS, { status: 401 })),
      'Calendly refused what was asked (401)',
    ],
    ['that breaks the look', fails(new Error(WORDS)), 'it could not be looked at'],
    [
      'that the vendor switched off',
      has({ state: 'off', says: WORDS }),
      'not as it must be, so that events do not come: invitee.created',
    ],
  ])('%s holds no words of the vendor, which the doctor shows', async (_, list, told) => {
    const finding = await findingOf(opened(list), 1_000);
    expect(finding).toMatchObject({ level: 'bad', found: expect.stringContaining(WORDS), told });
  });

  it('that has no subscription is what the doctor says', async () => {
    const finding = await findingOf(
      opened(async () => []),
      1_000,
    );
    expect(finding).toMatchObject({ level: 'bad', found: `it has no subscription to ${address}: no event comes` });
    expect(finding).not.toHaveProperty('told');
  });
});
