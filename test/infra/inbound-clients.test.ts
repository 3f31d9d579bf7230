import { describe, expect, test } from 'vitest';
import demo from '../../clients/demo.ts';
import * as crms from '../../functions/crm-sync/crms.ts';
import * as notifiers from '../../functions/escalation/notifiers.ts';
import { defineClient, warningsOf } from '../../lib/client.ts';
import { mailIdentities } from '../../lib/mail-identities.ts';

type Input = Parameters<typeof defineClient>[0];
const { name, lineId, country, zone, locale, contacts, templates } = demo;
const file = (over: Partial<Input>): Input => ({ name, lineId, country, zone, locale, contacts, templates, ...over });
const refusal = (over: Partial<Input>): string => {
  try {
    defineClient(file(over));
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const bots = { ask: 'bots', decision: 'yes', reason: 'asked for', decidedBy: 'The owner', on: '2026-11-01' } as const;
const days = { sun: [['09:00', '18:00']] as [string, string][] };

describe('a client file', () => {
  test('with an automatic answer and no recorded decision is refused, with what to write', () => {
    const autoReply = { texts: { en: 'Closed.' }, when: 'always' as const };
    expect(refusal({ escalation: { autoReply } })).toMatch(
      /escalation\.autoReply: an automatic answer needs a recorded decision/,
    );
    expect(refusal({ escalation: { autoReply }, decisions: [bots] })).toBe('accepted');
  });

  test.each<[string, Partial<Input>, RegExp]>([
    [
      'a rule that notifies what is not set up',
      {
        escalation: {
          rules: [{ name: 'a', when: { outsideHours: true }, severity: 'info', notify: ['slack'] }],
          hours: { days },
        },
      },
      /escalation\.notifiers\.slack: write its settings, for the rule a notifies it/,
    ],
    [
      'a rule that asks for opening hours that are not there',
      {
        escalation: {
          rules: [{ name: 'a', when: { outsideHours: true }, severity: 'info', notify: ['slack'] }],
          notifiers: { slack: {} },
        },
      },
      /escalation\.hours: write the opening hours/,
    ],
    [
      'a rule without a condition',
      {
        escalation: { rules: [{ name: 'a', when: {}, severity: 'info', notify: ['slack'] }], notifiers: { slack: {} } },
      },
      /rules\.0\.when: name at least one condition/,
    ],
    [
      'two rules of one name',
      {
        escalation: {
          rules: [1, 2].map(() => ({
            name: 'a',
            when: { types: ['image'] },
            severity: 'info' as const,
            notify: ['slack' as const],
          })),
          notifiers: { slack: {} },
        },
      },
      /two rules are called a/,
    ],
    [
      'a wait longer than a queue can hide a message',
      {
        escalation: {
          rules: [{ name: 'a', when: { unanswered: 'PT13H' }, severity: 'info', notify: ['slack'] }],
          notifiers: { slack: {} },
        },
      },
      /write at most PT12H/,
    ],
    [
      'a CRM over plain http',
      { crm: { kind: 'webhook', url: 'http://crm.example/x' } },
      /crm\.url: write an https address/,
    ],
    [
      'a CRM that is none of ours',
      { crm: { kind: 'none-of-ours' } as never },
      new RegExp(`crm\\.kind: .*${Object.keys(crms).join('.*')}`),
    ],
    [
      'a setting that this CRM does not have',
      // @ts-expect-error The types know which settings belong to which kind.
      { crm: { kind: 'webhook', url: 'https://crm.example', accounts: 'https://crm.example' } },
      /crm\.accounts: there is no such setting\. There are: kind, /,
    ],
    [
      'a notifier that is none of ours',
      { escalation: { notifiers: { 'none-of-ours': {} } as never } },
      /escalation\.notifiers\.none-of-ours: there is no such setting\. There are: email, /,
    ],
    [
      'a rule that notifies by none of ours',
      { escalation: { rules: [{ name: 'a', when: { types: ['x'] }, severity: 'info', notify: ['none'] as never }] } },
      new RegExp(`rules\\.0\\.notify\\.0: .*${Object.keys(notifiers).join('.*')}`),
    ],
  ])('with %s is refused', (_, over, message) => {
    expect(refusal(over)).toMatch(message);
  });
});

test('each identity that a notifier sends mail from is named once, and nobody who sends none', () => {
  const email = { from: 'alerts@agency.example', to: ['team@agency.example'] };
  expect(mailIdentities({ webhook: { url: 'https://team.example' } })).toEqual([]);
  expect(mailIdentities({ email, slack: {} })).toEqual(['alerts@agency.example']);
  expect(mailIdentities({ email: { ...email, identity: 'agency.example' } })).toEqual(['agency.example']);
});

test('a contact to whom no notifier can write is a warning, by its path', () => {
  const client = { name: 'Noa', email: 'noa@shop.example' };
  const warned = (over: Partial<Input>) =>
    warningsOf(defineClient(file(over))).map(({ path, message }) => `${path.join('.')}: ${message}`);
  const notifiers = { email: { from: 'alerts@agency.example', to: ['team@agency.example'] } };
  const named = { ...contacts, client };
  expect(warned({})).toEqual([]);
  expect(warned({ contacts: named, escalation: { notifiers } })).toEqual([]);
  const silent = [expect.stringMatching(/^contacts\.client: nobody writes to them when the line must be linked again/)];
  expect(warned({ contacts: named })).toEqual(silent);
  expect(warned({ contacts: named, escalation: { notifiers: { slack: {} } } })).toEqual(silent);
});
