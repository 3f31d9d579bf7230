import { describe, expect, it } from 'vitest';
import { type Alert, alertLines, alertOfBurst, ENGLISH } from '../../functions/escalation/alert.ts';
import { alertWords } from '../../functions/escalation/alert-words.ts';
import type { EscalationConfig } from '../../functions/escalation/config.ts';
import { LETTER_WORDS } from '../../functions/escalation/letter-words.ts';
import type { ReplayedConversation } from '../../functions/escalation/replayed.ts';

const BASE = 'https://app.example/conversations';
const digestOf = (conversations: readonly ReplayedConversation[], locale = 'en'): Alert =>
  alertOfBurst(
    'b',
    {
      messages: conversations.length,
      conversations,
      matching: conversations.filter(({ rules }) => rules.length > 0).length,
      from: '2026-03-07T10:00:00Z',
      to: '2026-03-07T11:00:00Z',
    },
    {
      client: 'demo',
      keysOf: 'line',
      zone: 'UTC',
      conversationUrl: BASE,
      alertWords: alertWords(locale),
    } as unknown as EscalationConfig,
    Date.parse('2026-03-09T10:00:00Z'),
  );
const many = (n: number, prefix: string, ...rules: string[]): ReplayedConversation[] =>
  Array.from({ length: n }, (_, i) => ({ conversationId: `${prefix}-${i}`, rules }));
const idsOf = ({ links = [] }: Alert) => links.map(({ url }) => url.slice(BASE.length + 1));

describe('the links of a digest', () => {
  it('begin with the stop that nobody can apply, however many rules hold elsewhere', () => {
    const alert = digestOf([
      ...many(10, 'urgent', 'urgent', 'prices'),
      ...many(1, 'reminder', 'answer-to-reminder'),
      ...many(1, 'perhaps', 'perhaps-stop'),
      ...many(1, 'stop', 'stop-without-number'),
    ]);
    expect(idsOf(alert).slice(0, 4)).toEqual(['stop-0', 'perhaps-0', 'reminder-0', 'urgent-0']);
    expect(alert.links?.at(-1)).toEqual({ says: 'and 3 more', url: BASE });
  });

  it('name all of those beyond ten, and from thirty on how many more there are', () => {
    const fourteen = digestOf([...many(9, 'urgent', 'urgent'), ...many(14, 'stop', 'stop-without-number')]);
    expect(idsOf(fourteen).filter((id) => id.startsWith('stop'))).toHaveLength(14);
    expect(fourteen.links?.at(-1)?.says).toBe('and 9 more');
    const fifty = digestOf([
      ...many(40, 'stop', 'stop-without-number'),
      ...many(10, 'perhaps', 'perhaps-stop'),
      ...many(5, 'urgent', 'urgent'),
    ]);
    expect(fifty.links).toHaveLength(33);
    expect(fifty.links?.slice(30).map(({ says }) => says)).toEqual([
      `${ENGLISH['stop-without-number']}: and 10 more`,
      `${ENGLISH['perhaps-stop']}: and 10 more`,
      'and 5 more',
    ]);
  });

  it.each(Object.keys(LETTER_WORDS))('say in %s what holds, without a code of ours', (language) => {
    const rules = ['urgent', 'stop-without-number', 'perhaps-stop', 'unreadable-change', 'answer-to-reminder'];
    const { links = [], ...alert } = digestOf(many(1, 'c', ...rules), language);
    const words = alertWords(language);
    expect(links[0]?.says.startsWith(`${words.open}: ${words['stop-without-number']}, `)).toBe(true);
    expect(links[0]?.says).toContain('urgent');
    expect(links[0]?.says).not.toMatch(/without-number|perhaps-|unreadable-|answer-to/);
    expect(alertLines(alert).join()).not.toMatch(/digest|notice/);
  });
});
