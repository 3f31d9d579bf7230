import { written } from '../clients/demo.ts';
import { type Client, defineClient } from '../lib/client.ts';
import { everythingOn } from '../lib/everything-on.ts';
import type { NamedGrant } from '../local/iam/grants.ts';
import { NEEDS, type Need } from './grant-needs.ts';

const BEGIN = '<!-- grants table: npm run grants -- --accept -->';
const END = '<!-- end of the grants table -->';
const STAND_INS = 'http://127.0.0.1:8788';

/** A client that needs every grant there is: all templates and sources, two CRMs, mail, a pager, and a wait for tracking numbers. */
export const clientWithAll = (): Client => {
  const input = everythingOn(written, STAND_INS);
  const { 'order-ready': order, 'lead-first-touch': lead, 'appointment-reminder': appointment } = input.templates;
  return defineClient({
    ...input,
    crm: [
      { kind: 'webhook', url: `${STAND_INS}/crm/webhook` },
      { kind: 'hubspot', name: 'sales', api: `${STAND_INS}/crm/hubspot`, text: true },
    ],
    escalation: {
      notifiers: {
        webhook: { url: `${STAND_INS}/notifier/webhook` },
        pagerduty: { api: `${STAND_INS}/notifier/pagerduty` },
        email: { from: 'alerts@agency.example', to: ['team@agency.example'] },
      },
      rules: [
        { name: 'unanswered', when: { unanswered: 'PT3S' }, severity: 'warning', notify: ['webhook'] },
        {
          name: 'urgent',
          when: { keywords: ['urgent'] },
          severity: 'critical',
          notify: ['email', 'webhook', 'pagerduty'],
        },
      ],
      autoReply: { texts: { en: 'A person will answer soon.' }, when: 'always' },
    },
    decisions: [
      ...(input.decisions ?? []),
      { ask: 'bots', decision: 'one fixed answer', reason: 'a stand-in', decidedBy: 'nobody', on: '2026-11-27' },
    ],
    templates: {
      ...input.templates,
      'order-ready': {
        ...order,
        updates: { ...order?.updates, shipped: { ...order?.updates?.shipped, waitForTracking: 'PT30M' } },
      },
      'lead-first-touch': {
        ...lead,
        sources: { ...lead?.sources, 'google-ads': { ...lead?.sources['google-ads'], origin: ['111'] } },
      },
      'appointment-reminder': {
        ...appointment,
        sources: {
          ...appointment?.sources,
          calendly: { ...appointment?.sources.calendly, origin: ['https://api.calendly.com/users/BBB'] },
        },
      },
    },
  } as Parameters<typeof defineClient>[0]);
};

const isFor = ({ to, action, on }: NamedGrant, need: Need): boolean =>
  need.to.includes(to) && need.actions.includes(action) && need.on.replaceAll('<to>', to) === on;

/** What each grant is needed for; none of what nothing needs. */
export const needsOf = (grants: readonly NamedGrant[]): readonly { grant: NamedGrant; need: Need | undefined }[] =>
  grants.map((grant) => ({ grant, need: NEEDS.find((need) => isFor(grant, need)) }));

/** Needs of which nothing is granted: all, or those of one story. */
export const unmet = (grants: readonly NamedGrant[], story?: string): readonly string[] =>
  NEEDS.filter((need) => story === undefined || need.story === story).flatMap(({ to, actions, on, ...need }) =>
    to.flatMap((one) =>
      actions
        .filter((action) => !grants.some((grant) => isFor(grant, { to: [one], actions: [action], on, ...need })))
        .map((action) => `${one}: ${action} on ${on.replaceAll('<to>', one)}`),
    ),
  );

const STORIES_FILE = '../test/emulated/grants.test.ts';

/** One row for what one caller may do with one thing for one reason. */
const rowsOf = (grants: readonly NamedGrant[]): string[] => {
  const rows = new Map<string, { first: NamedGrant; need: Need; actions: Set<string> }>();
  for (const { grant, need } of needsOf(grants)) {
    if (!need) throw new Error(`Nothing needs ${grant.to}: ${grant.action} on ${grant.on} (scripts/grant-needs.ts).`);
    const key = JSON.stringify([grant.to, grant.on, need.why, need.story]);
    const row = rows.get(key) ?? { first: grant, need, actions: new Set() };
    rows.set(key, row);
    row.actions.add(grant.action);
  }
  return [...rows.values()].map(({ first: { to, on, conditions, action }, need: { why, story }, actions }) => {
    const only = action === 'iam:PassRole' ? `, only ${conditions.join(' and ')}` : '';
    return `| ${to} | ${[...actions].map((one) => `\`${one}\``).join(' ')} | ${on}${only} | ${why} | ${story} |`;
  });
};

/** What every function of a stack may do, what for, and the test that fails without it, as Markdown that stands in docs/. */
const grantTable = (grants: readonly NamedGrant[]): string =>
  [
    `| who | may | on | what for | test in [grants.test.ts](${STORIES_FILE}) |`,
    '|---|---|---|---|---|',
    ...rowsOf(grants),
  ].join('\n');

/** The page with the table of these grants between its markers. Throws where it has no markers, and for a grant that nothing needs. */
export const withGrantTable = (page: string, grants: readonly NamedGrant[]): string => {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The page needs the lines "${BEGIN}" and "${END}".`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${grantTable(grants)}\n\n${page.slice(end)}`;
};
